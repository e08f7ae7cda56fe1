package io.rutile.client.pd;

import io.grpc.CallOptions;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import io.rutile.base.codec.TimeStamp;
import io.rutile.client.pd.PdException.Kind;
import io.rutile.proto.pdpb.PDGrpc;
import io.rutile.proto.pdpb.RequestHeader;
import io.rutile.proto.pdpb.TsoRequest;
import io.rutile.proto.pdpb.TsoResponse;
import io.rutile.rpc.channel.ChannelPool;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Gets timestamps over one stream to the leader. While a request is under way, those who ask wait
 * together; its answer sends the next request, which asks for as many timestamps as there are
 * waiters. So a request costs one round trip at any rate, and a waiter gets a timestamp that was
 * made after it asked.
 *
 * <p>When the stream breaks, waiters whose request was under way are put back and asked for again:
 * timestamps that got lost with it are just never used. A waiter fails when no leader answers for
 * {@link #TRIES_MAX} tries.
 *
 * <p>State is guarded by {@code this}; waiters are completed outside of it.
 */
final class TimestampBatcher {
  private static final int BATCH_MAX = 10_000;
  private static final int TRIES_MAX = 100;
  private static final long RETRY_MILLIS = 100;

  /** How often an answer that is due is looked for, and after how many looks it counts as lost. */
  private static final long LOOK_MILLIS = 500;

  private static final int LOOKS_MAX = 3;

  private record Waiter(int count, CompletableFuture<Long> result) {}

  private final ChannelPool channels;
  private final LeaderTracker leaders;
  private final ScheduledExecutorService timer;
  private final Deque<Waiter> waiting = new ArrayDeque<>();
  private List<Waiter> inFlight = List.of();
  private @Nullable Stream stream;
  private boolean connecting;
  private boolean closed;
  private int failures;

  /** Looks at the request under way since it was sent. */
  private int looks;

  TimestampBatcher(ChannelPool channels, LeaderTracker leaders, ScheduledExecutorService timer) {
    this.channels = channels;
    this.leaders = leaders;
    this.timer = timer;
    timer.scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Gives up a stream whose leader does not answer although the connection stands. */
  private void look() {
    Stream silent;
    synchronized (this) {
      if (inFlight.isEmpty() || stream == null || ++looks < LOOKS_MAX) {
        return;
      }
      silent = stream;
    }
    leaders.silent(silent.leader);
    silent.requests().cancel("the leader does not answer", null);
  }

  CompletableFuture<Long> get(int count) {
    if (count <= 0) {
      throw new IllegalArgumentException("count of timestamps must be positive: " + count);
    }
    CompletableFuture<Long> result = new CompletableFuture<>();
    synchronized (this) {
      if (closed) {
        return CompletableFuture.failedFuture(new PdException(Kind.CLOSED, "client is closed"));
      }
      waiting.add(new Waiter(count, result));
      pump();
    }
    return result;
  }

  void close() {
    List<Waiter> abandoned;
    synchronized (this) {
      closed = true;
      abandoned = takeAll();
      if (stream != null) {
        stream.requests().cancel("client is closed", null);
        stream = null;
      }
    }
    fail(abandoned, new PdException(Kind.CLOSED, "client is closed"));
  }

  /** Sends the next request when none is under way. Called with the lock held. */
  private void pump() {
    if (!inFlight.isEmpty() || waiting.isEmpty() || closed) {
      return;
    }
    if (stream == null) {
      connect();
      return;
    }
    List<Waiter> batch = new ArrayList<>();
    int count = 0;
    while (!waiting.isEmpty()
        && (batch.isEmpty() || count + waiting.element().count() <= BATCH_MAX)) {
      Waiter waiter = waiting.remove();
      batch.add(waiter);
      count += waiter.count();
    }
    inFlight = batch;
    looks = 0;
    stream
        .requests()
        .onNext(
            TsoRequest.newBuilder()
                .setHeader(RequestHeader.newBuilder().setClusterId(stream.clusterId))
                .setCount(count)
                .build());
  }

  private void connect() {
    if (connecting) {
      return;
    }
    connecting = true;
    leaders
        .leader()
        .whenComplete((members, failure) -> {
          if (failure != null) {
            broken(null, UnaryCalls.unwrap(failure));
          } else if (members.leader() != null) {
            open(members.clusterId(), members.leader());
          }
        });
  }

  private void open(long clusterId, String leader) {
    Stream opened = new Stream(clusterId, leader);
    ClientCalls.asyncBidiStreamingCall(
        channels.channel(leader).newCall(PDGrpc.getTsoMethod(), CallOptions.DEFAULT), opened);
    synchronized (this) {
      if (opened.ended) {
        return; // its end was reported already
      }
      connecting = false;
      if (closed) {
        opened.requests().cancel("client is closed", null);
        return;
      }
      stream = opened;
      pump();
    }
  }

  private void answered(Stream source, TsoResponse response) {
    List<Waiter> served;
    synchronized (this) {
      if (source != stream) {
        return;
      }
      served = inFlight;
      inFlight = List.of();
      failures = 0;
      pump();
    }
    long last =
        TimeStamp.compose(
            response.getTimestamp().getPhysical(), response.getTimestamp().getLogical());
    long next = last - response.getCount();
    for (Waiter waiter : served) {
      next += waiter.count();
      waiter.result().complete(next);
    }
    if (next != last) {
      throw new IllegalStateException(
          "PD answered a request for other than " + response.getCount() + " timestamps");
    }
  }

  /** A stream broke, or no leader was found; tries again soon, or gives up on all who wait. */
  private void broken(@Nullable Stream source, Throwable failure) {
    List<Waiter> abandoned = List.of();
    synchronized (this) {
      connecting = false;
      if (closed || (source != null && stream != null && source != stream)) {
        return;
      }
      stream = null;
      for (int i = inFlight.size() - 1; i >= 0; i--) {
        waiting.addFirst(inFlight.get(i));
      }
      inFlight = List.of();
      boolean hopeless =
          failure instanceof PdException refused && refused.kind() == Kind.CLUSTER_ID_MISMATCH;
      if (hopeless || ++failures >= TRIES_MAX) {
        failures = 0;
        abandoned = takeAll();
      } else if (!waiting.isEmpty()) {
        connecting = true; // until the timer fires
        timer.schedule(this::reconnect, RETRY_MILLIS, TimeUnit.MILLISECONDS);
      }
    }
    fail(abandoned, UnaryCalls.toPdException(failure));
  }

  private synchronized void reconnect() {
    connecting = false;
    pump();
  }

  private List<Waiter> takeAll() {
    List<Waiter> all = new ArrayList<>(inFlight);
    all.addAll(waiting);
    inFlight = List.of();
    waiting.clear();
    return all;
  }

  private static void fail(List<Waiter> waiters, PdException failure) {
    waiters.forEach(waiter -> waiter.result().completeExceptionally(failure));
  }

  private final class Stream implements ClientResponseObserver<TsoRequest, TsoResponse> {
    final long clusterId;
    final String leader;
    private @Nullable ClientCallStreamObserver<TsoRequest> requests;
    volatile boolean ended;

    Stream(long clusterId, String leader) {
      this.clusterId = clusterId;
      this.leader = leader;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<TsoRequest> requestStream) {
      requests = requestStream;
    }

    ClientCallStreamObserver<TsoRequest> requests() {
      ClientCallStreamObserver<TsoRequest> started = requests;
      if (started == null) {
        throw new IllegalStateException("the stream is not started");
      }
      return started;
    }

    @Override
    public void onNext(TsoResponse response) {
      answered(this, response);
    }

    @Override
    public void onError(Throwable failure) {
      ended = true;
      leaders.suspect(leader);
      broken(this, failure);
    }

    @Override
    public void onCompleted() {
      onError(new PdException(Kind.UNAVAILABLE, "timestamp stream to " + leader + " ended"));
    }
  }
}
