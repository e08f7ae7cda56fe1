package io.rutile.server.service;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.rutile.base.error.RutileException;
import io.rutile.proto.kvrpcpb.CheckLeaderRequest;
import io.rutile.proto.kvrpcpb.CheckLeaderResponse;
import io.rutile.proto.kvrpcpb.KeyRange;
import io.rutile.proto.kvrpcpb.LeaderInfo;
import io.rutile.proto.kvrpcpb.StoreSafeTSRequest;
import io.rutile.proto.kvrpcpb.StoreSafeTSResponse;
import io.rutile.proto.raftserverpb.Done;
import io.rutile.proto.raftserverpb.RaftMessage;
import io.rutile.proto.raftserverpb.SnapshotChunk;
import io.rutile.proto.tikvpb.BatchRaftMessage;
import io.rutile.store.Store;
import io.rutile.store.snapshot.SnapshotSink;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What other stores send: Raft messages, snapshots, and questions about who leads.
 *
 * <p>Messages go straight to the store's mailboxes from the event loop. Snapshot chunks are written
 * to files, which may block, so each is written by {@code files} and the next is asked for only
 * when it is on its way to the disk.
 */
final class RaftRpcs {
  private static final Logger LOG = LoggerFactory.getLogger(RaftRpcs.class);

  private final Store store;
  private final Executor files;

  /**
   * @param files runs file writes, one task per chunk
   */
  RaftRpcs(Store store, Executor files) {
    this.store = store;
    this.files = files;
  }

  /** Which of the leaders the peers here follow. */
  CheckLeaderResponse checkLeader(CheckLeaderRequest request) {
    CheckLeaderResponse.Builder response = CheckLeaderResponse.newBuilder().setTs(request.getTs());
    for (LeaderInfo leader : request.getRegionsList()) {
      if (store.readProgress().confirm(leader)) {
        response.addRegions(leader.getRegionId());
      }
    }
    return response.build();
  }

  StoreSafeTSResponse storeSafeTs(StoreSafeTSRequest request) {
    KeyRange range = request.getKeyRange();
    long safeTs =
        store
            .readProgress()
            .safeTs(range.getStartKey().toByteArray(), range.getEndKey().toByteArray());
    return StoreSafeTSResponse.newBuilder().setSafeTs(safeTs).build();
  }

  StreamObserver<RaftMessage> raft(StreamObserver<Done> call) {
    return new Messages<>(call) {
      @Override
      void deliver(RaftMessage message) {
        accept(message);
      }
    };
  }

  StreamObserver<BatchRaftMessage> batchRaft(StreamObserver<Done> call) {
    return new Messages<>(call) {
      @Override
      void deliver(BatchRaftMessage batch) {
        for (RaftMessage message : batch.getMsgsList()) {
          accept(message);
        }
      }
    };
  }

  StreamObserver<SnapshotChunk> snapshot(StreamObserver<Done> call) {
    return new Snapshot((ServerCallStreamObserver<Done>) call);
  }

  /** A stream of messages; one for another store ends it, so that the sender looks it up again. */
  private abstract class Messages<M> implements StreamObserver<M> {
    private final StreamObserver<Done> call;
    private boolean refused;

    Messages(StreamObserver<Done> call) {
      this.call = call;
    }

    abstract void deliver(M message);

    void accept(RaftMessage message) {
      long wanted = message.getToPeer().getStoreId();
      if (wanted == store.storeId()) {
        store.onRaftMessage(message);
      } else if (!refused) {
        refused = true;
        LOG.warn("raft message for store {} came to store {}", wanted, store.storeId());
        call.onError(
            Status.INVALID_ARGUMENT
                .withDescription("to store id " + wanted + ", mine " + store.storeId())
                .asRuntimeException());
      }
    }

    @Override
    public void onNext(M message) {
      if (!refused) {
        deliver(message);
      }
    }

    @Override
    public void onError(Throwable failure) {
      LOG.debug("a raft stream ended", failure);
    }

    @Override
    public void onCompleted() {
      if (!refused) {
        call.onNext(Done.getDefaultInstance());
        call.onCompleted();
      }
    }
  }

  /**
   * One incoming snapshot. The transport delivers one event at a time, but does not wait for what
   * an event has started: the end of the stream comes right behind the last chunk. So each event
   * becomes a task that runs after the one before.
   */
  private final class Snapshot implements StreamObserver<SnapshotChunk> {
    private final ServerCallStreamObserver<Done> call;

    /** The task of the newest event. Set by the transport only. */
    private CompletableFuture<?> newest = CompletableFuture.completedFuture(null);

    // Of the tasks, of which one runs at a time.
    private @Nullable SnapshotSink sink;
    private boolean ended;

    Snapshot(ServerCallStreamObserver<Done> call) {
      this.call = call;
      call.setOnCancelHandler(() -> then(this::abort));
      call.disableAutoRequest();
      call.request(1);
    }

    @Override
    public void onNext(SnapshotChunk chunk) {
      then(() ->
          step(() -> {
            SnapshotSink open = sink;
            if (open == null) {
              sink = store.receiveSnapshot(chunk.getMessage());
            } else {
              open.write(chunk.getData().toByteArray());
            }
            call.request(1);
          }));
    }

    @Override
    public void onError(Throwable failure) {
      then(this::abort);
    }

    @Override
    public void onCompleted() {
      then(() ->
          step(() -> {
            SnapshotSink open = sink;
            if (open == null) {
              throw new IllegalStateException("a snapshot stream without a first chunk");
            }
            open.complete();
            ended = true;
            call.onNext(Done.getDefaultInstance());
            call.onCompleted();
          }));
    }

    private void then(Runnable task) {
      newest =
          newest.handleAsync(
              (done, failure) -> {
                if (failure != null) {
                  LOG.warn("a snapshot could not be put away", failure);
                }
                task.run();
                return done;
              },
              files);
    }

    private void step(Runnable action) {
      if (ended) {
        return;
      }
      try {
        action.run();
      } catch (RuntimeException e) {
        LOG.warn("a snapshot is not taken", e);
        abort();
        Status status = e instanceof RutileException ? Status.UNAVAILABLE : Status.INTERNAL;
        call.onError(status.withDescription(e.getMessage()).asRuntimeException());
      }
    }

    private void abort() {
      if (ended) {
        return;
      }
      ended = true;
      SnapshotSink open = sink;
      if (open != null) {
        open.abort();
      }
    }
  }
}
