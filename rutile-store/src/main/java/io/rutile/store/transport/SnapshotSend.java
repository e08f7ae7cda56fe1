package io.rutile.store.transport;

import com.google.protobuf.UnsafeByteOperations;
import io.grpc.CallOptions;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import io.rutile.proto.raftserverpb.Done;
import io.rutile.proto.raftserverpb.RaftMessage;
import io.rutile.proto.raftserverpb.SnapshotChunk;
import io.rutile.proto.tikvpb.TikvGrpc;
import io.rutile.rpc.channel.ChannelPool;
import io.rutile.store.snapshot.SnapshotSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Streams one snapshot: the message first, then its files in chunks, no faster than the receiver
 * takes them and than the rate limit allows. Used once, by one virtual thread, which it blocks.
 */
final class SnapshotSend {
  private static final Logger LOG = LoggerFactory.getLogger(SnapshotSend.class);
  private static final int CHUNK_BYTES = 1 << 20;
  private static final long READY_SECONDS_MAX = 60;
  private static final long DONE_SECONDS_MAX = 300;

  private final ChannelPool channels;
  private final StoreLink link;
  private final long bytesPerSecond;

  SnapshotSend(ChannelPool channels, StoreLink link, long bytesPerSecond) {
    this.channels = channels;
    this.link = link;
    this.bytesPerSecond = bytesPerSecond;
  }

  /** Whether the receiver confirmed all of it. */
  boolean run(RaftMessage head, SnapshotSource source) {
    try {
      String address = link.address().get(READY_SECONDS_MAX, TimeUnit.SECONDS);
      Stream stream = new Stream();
      ClientCalls.asyncClientStreamingCall(
          channels.channel(address).newCall(TikvGrpc.getSnapshotMethod(), CallOptions.DEFAULT),
          stream);
      stream.send(SnapshotChunk.newBuilder().setMessage(head).build());
      for (byte[] chunk = source.read(CHUNK_BYTES);
          chunk.length > 0;
          chunk = source.read(CHUNK_BYTES)) {
        stream.send(
            SnapshotChunk.newBuilder().setData(UnsafeByteOperations.unsafeWrap(chunk)).build());
        pace(chunk.length);
      }
      stream.finish();
      return true;
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn(
          "snapshot of region {} to store {} failed",
          head.getRegionId(),
          head.getToPeer().getStoreId(),
          e);
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Spends the time that the chunk may take; the next one is read only then. */
  private void pace(int bytes) throws InterruptedException {
    if (bytesPerSecond > 0) {
      TimeUnit.NANOSECONDS.sleep(bytes * TimeUnit.SECONDS.toNanos(1) / bytesPerSecond);
    }
  }

  private static final class Stream implements ClientResponseObserver<SnapshotChunk, Done> {
    private final Semaphore ready = new Semaphore(0);
    private final CompletableFuture<Boolean> done = new CompletableFuture<>();
    private final CompletableFuture<ClientCallStreamObserver<SnapshotChunk>> requests =
        new CompletableFuture<>();

    @Override
    public void beforeStart(ClientCallStreamObserver<SnapshotChunk> stream) {
      stream.setOnReadyHandler(ready::release);
      requests.complete(stream);
    }

    void send(SnapshotChunk chunk)
        throws InterruptedException, ExecutionException, TimeoutException {
      ClientCallStreamObserver<SnapshotChunk> stream = requests.get();
      while (!stream.isReady()) {
        if (done.isDone()) {
          done.get(); // throws what ended the stream
          throw new TimeoutException("the receiver ended the stream early");
        }
        if (!ready.tryAcquire(READY_SECONDS_MAX, TimeUnit.SECONDS)) {
          stream.cancel("the receiver does not take more", null);
          throw new TimeoutException("the receiver does not take more");
        }
      }
      stream.onNext(chunk);
    }

    void finish() throws InterruptedException, ExecutionException, TimeoutException {
      requests.get().onCompleted();
      done.get(DONE_SECONDS_MAX, TimeUnit.SECONDS);
    }

    @Override
    public void onNext(Done ignored) {}

    @Override
    public void onError(Throwable failure) {
      done.completeExceptionally(failure);
      ready.release();
    }

    @Override
    public void onCompleted() {
      done.complete(true);
      ready.release();
    }
  }
}
