package io.rutile.server.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.rutile.proto.raftserverpb.Done;
import io.rutile.proto.raftserverpb.RaftMessage;
import io.rutile.proto.raftserverpb.SnapshotChunk;
import io.rutile.store.Store;
import io.rutile.store.snapshot.SnapshotSink;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Snapshots that come in: whatever the order in which an executor runs what it was given, chunks
 * are written in the order of the stream and its end comes last.
 */
class RaftRpcsTest {
  private final List<String> done = new ArrayList<>();
  private final List<Runnable> given = new ArrayList<>();
  private final FakeCall call = new FakeCall();

  private StreamObserver<SnapshotChunk> stream() {
    return new RaftRpcs(store(), given::add).snapshot(call);
  }

  /** Runs what waits, in an order of its own. */
  private void runAll(Random random) {
    while (!given.isEmpty()) {
      given.remove(random.nextInt(given.size())).run();
    }
  }

  private static SnapshotChunk head() {
    return SnapshotChunk.newBuilder().setMessage(RaftMessage.newBuilder().setRegionId(7)).build();
  }

  private static SnapshotChunk data(String text) {
    return SnapshotChunk.newBuilder().setData(ByteString.copyFromUtf8(text)).build();
  }

  @Test
  void anEmptySnapshotIsTakenAlthoughItsEndComesRightBehindItsHead() {
    for (int seed = 0; seed < 10; seed++) {
      done.clear();
      StreamObserver<SnapshotChunk> stream = stream();
      stream.onNext(head());
      stream.onCompleted();
      runAll(new Random(seed));
      assertThat(done).containsExactly("open 7", "complete");
    }
    assertThat(call.failure).isNull();
    assertThat(call.completed).isEqualTo(10);
  }

  @Test
  void chunksKeepTheirOrder() {
    for (int seed = 0; seed < 20; seed++) {
      done.clear();
      StreamObserver<SnapshotChunk> stream = stream();
      stream.onNext(head());
      stream.onNext(data("a"));
      stream.onNext(data("b"));
      stream.onCompleted();
      runAll(new Random(seed));
      assertThat(done).containsExactly("open 7", "a", "b", "complete");
    }
  }

  @Test
  void aStreamThatBreaksRemovesWhatItWrote() {
    StreamObserver<SnapshotChunk> stream = stream();
    stream.onNext(head());
    stream.onNext(data("a"));
    stream.onError(new IllegalStateException("the link is gone"));
    runAll(new Random(1));
    assertThat(done).containsExactly("open 7", "a", "abort");
  }

  private Store store() {
    return (Store)
        Proxy.newProxyInstance(
            Store.class.getClassLoader(),
            new Class<?>[] {Store.class},
            (self, method, arguments) -> {
              if (!method.getName().equals("receiveSnapshot")) {
                throw new IllegalStateException("the test does not expect " + method.getName());
              }
              done.add("open " + ((RaftMessage) arguments[0]).getRegionId());
              return new SnapshotSink() {
                @Override
                public void write(byte[] chunk) {
                  done.add(ByteString.copyFrom(chunk).toStringUtf8());
                }

                @Override
                public void complete() {
                  done.add("complete");
                }

                @Override
                public void abort() {
                  done.add("abort");
                }
              };
            });
  }

  /** The sender's side of the call. */
  private static final class FakeCall extends ServerCallStreamObserver<Done> {
    int completed;
    @Nullable Throwable failure;

    @Override
    public void onNext(Done ignored) {}

    @Override
    public void onError(Throwable cause) {
      failure = cause;
    }

    @Override
    public void onCompleted() {
      completed++;
    }

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {}

    @Override
    public void setCompression(String compression) {}

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void setOnReadyHandler(Runnable handler) {}

    @Override
    public void disableAutoInboundFlowControl() {}

    @Override
    public void disableAutoRequest() {}

    @Override
    public void request(int count) {}

    @Override
    public void setMessageCompression(boolean enable) {}
  }
}
