package io.rutile.pd.etcd;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.rutile.base.clock.Timers;
import io.rutile.pd.meta.KeyRanges;
import io.rutile.pd.meta.WatchHandle;
import io.rutile.pd.meta.WatchListener;
import io.rutile.pd.meta.WatchSpec;
import io.rutile.proto.etcdserverpb.WatchCreateRequest;
import io.rutile.proto.etcdserverpb.WatchCreateRequest.FilterType;
import io.rutile.proto.etcdserverpb.WatchRequest;
import io.rutile.proto.etcdserverpb.WatchResponse;
import io.rutile.proto.mvccpb.Event;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The watches of one client stream. A watch is announced first and registered from the revision
 * that the announcement makes the next one, so that no event falls between the two.
 *
 * <p>Events come on the store's thread, requests on gRPC's; what cannot be written yet waits here.
 * A client that is too slow loses its stream and resumes from the last revision it saw. State is
 * guarded by {@code this}; nothing blocks under the lock.
 */
final class WatchStream implements StreamObserver<WatchRequest> {
  /** Responses that wait for a slow client. */
  private static final int QUEUE_MAX = 10_000;

  /** How often a quiet watch that asked for it is told the revision, as etcd does. */
  private static final long PROGRESS_NANOS = 600_000_000_000L;

  /** The watch id that means all watches of the stream. */
  private static final long ALL = -1;

  private static final ByteString ZERO = ByteString.copyFrom(new byte[] {0});

  private final EtcdNode node;
  private final Timers timers;
  private final ServerCallStreamObserver<WatchResponse> out;
  private final Map<Long, Watch> watches = new HashMap<>();
  private final ArrayDeque<WatchResponse> queue = new ArrayDeque<>();
  private long nextId;
  private boolean ended;

  WatchStream(EtcdNode node, Timers timers, ServerCallStreamObserver<WatchResponse> out) {
    this.node = node;
    this.timers = timers;
    this.out = out;
    out.setOnReadyHandler(this::drain);
    out.setOnCancelHandler(this::end);
  }

  @Override
  public void onNext(WatchRequest request) {
    switch (request.getRequestUnionCase()) {
      case CREATE_REQUEST -> create(request.getCreateRequest());
      case CANCEL_REQUEST -> cancel(request.getCancelRequest().getWatchId());
      case PROGRESS_REQUEST -> progress(ALL);
      case REQUESTUNION_NOT_SET -> {}
    }
  }

  private synchronized void create(WatchCreateRequest request) {
    if (ended) {
      return;
    }
    long id = request.getWatchId();
    if (id == 0) {
      while (watches.containsKey(nextId)) {
        nextId++;
      }
      id = nextId++;
    } else if (watches.containsKey(id)) {
      refuse("mvcc: duplicate watch ID provided on the WatchStream");
      return;
    }
    ByteString key = request.getKey().isEmpty() ? ZERO : request.getKey();
    ByteString end = request.getRangeEnd();
    if (!end.isEmpty() && !KeyRanges.isUnbounded(end) && KeyRanges.ORDER.compare(key, end) >= 0) {
      refuse("mvcc: the range of the watch is empty");
      return;
    }
    long now = node.store().revision();
    send(response(id, now).setCreated(true));
    Watch watch = new Watch(id, request);
    watches.put(id, watch);
    long from = request.getStartRevision() > 0 ? request.getStartRevision() : now + 1;
    watch.handle = node.store().watch(new WatchSpec(key, end, from, request.getPrevKv()), watch);
    if (request.getProgressNotify()) {
      watch.scheduleProgress();
    }
  }

  /** A watch that never was: announced and cancelled in one, with etcd's id for none. */
  private void refuse(String reason) {
    send(
        response(ALL, node.store().revision())
            .setCreated(true)
            .setCanceled(true)
            .setCancelReason(reason));
  }

  private WatchResponse.Builder response(long id, long revision) {
    return WatchResponse.newBuilder().setHeader(node.header(revision)).setWatchId(id);
  }

  private synchronized void cancel(long id) {
    Watch watch = watches.remove(id);
    if (watch != null) {
      watch.stop();
      send(response(id, node.store().revision()).setCanceled(true));
    }
  }

  /** Told by the store's thread, so that it comes after all events up to that revision. */
  private void progress(long id) {
    node.store()
        .deliveredRevision()
        .thenAccept(revision -> {
          synchronized (this) {
            if (id == ALL || watches.containsKey(id)) {
              send(response(id, revision));
            }
          }
        });
  }

  private synchronized void send(WatchResponse.Builder response) {
    if (ended) {
      return;
    }
    if (queue.size() >= QUEUE_MAX) {
      end();
      out.onError(
          Status.UNAVAILABLE
              .withDescription("etcdserver: the watch is too slow, resume it")
              .asRuntimeException());
      return;
    }
    queue.add(response.build());
    drain();
  }

  private synchronized void drain() {
    while (!ended && !queue.isEmpty() && out.isReady()) {
      out.onNext(queue.remove());
    }
  }

  private synchronized void end() {
    ended = true;
    watches.values().forEach(Watch::stop);
    watches.clear();
    queue.clear();
  }

  @Override
  public void onError(Throwable cause) {
    end();
  }

  @Override
  public synchronized void onCompleted() {
    if (!ended) {
      end();
      out.onCompleted();
    }
  }

  /** One watch; called by the store's thread. */
  private final class Watch implements WatchListener {
    private final long id;
    private final boolean puts;
    private final boolean deletions;
    private @Nullable WatchHandle handle;
    private Timers.@Nullable Timeout progressTimer;
    private boolean quiet = true;

    Watch(long id, WatchCreateRequest request) {
      this.id = id;
      this.puts = !request.getFiltersList().contains(FilterType.NOPUT);
      this.deletions = !request.getFiltersList().contains(FilterType.NODELETE);
    }

    @Override
    public void events(long revision, List<Event> events) {
      WatchResponse.Builder response = response(id, revision);
      for (Event event : events) {
        if (event.getType() == Event.EventType.PUT ? puts : deletions) {
          response.addEvents(event);
        }
      }
      synchronized (WatchStream.this) {
        if (response.getEventsCount() > 0 && watches.get(id) == this) {
          quiet = false;
          send(response);
        }
      }
    }

    @Override
    public void compacted(long compactRevision) {
      synchronized (WatchStream.this) {
        if (watches.remove(id, this)) {
          stop();
          send(
              response(id, node.store().revision())
                  .setCanceled(true)
                  .setCompactRevision(compactRevision)
                  .setCancelReason("etcdserver: mvcc: required revision has been compacted"));
        }
      }
    }

    private void scheduleProgress() {
      progressTimer = timers.after(PROGRESS_NANOS, this::progressDue);
    }

    private void progressDue() {
      synchronized (WatchStream.this) {
        if (watches.get(id) != this) {
          return;
        }
        if (quiet) {
          progress(id);
        }
        quiet = true;
        scheduleProgress();
      }
    }

    private void stop() {
      if (handle != null) {
        handle.close();
      }
      if (progressTimer != null) {
        progressTimer.cancel();
      }
    }
  }
}
