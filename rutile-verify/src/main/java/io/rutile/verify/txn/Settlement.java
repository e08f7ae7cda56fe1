package io.rutile.verify.txn;

import com.google.protobuf.ByteString;
import io.rutile.proto.kvrpcpb.GetRequest;
import io.rutile.proto.kvrpcpb.GetResponse;
import io.rutile.proto.kvrpcpb.LockInfo;
import io.rutile.proto.kvrpcpb.ScanLockRequest;
import io.rutile.proto.kvrpcpb.ScanLockResponse;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/** Once nobody else works: ends every transaction that was left open, then reads every key. */
final class Settlement {
  private final TxnSim sim;
  private final Session session;
  private final LockResolver resolver;
  private boolean done;

  Settlement(TxnSim sim) {
    this.sim = sim;
    this.session = new Session(sim, 0, () -> {});
    this.resolver = new LockResolver(sim, session);
  }

  boolean isDone() {
    return done;
  }

  void begin() {
    Session.inTurn(sim.regions(), this::endLocks)
        .thenCompose(ended -> readAll())
        .whenComplete((all, failure) -> {
          done = true;
          if (failure != null) {
            sim.history.violation("settlement failed: " + failure);
          }
        });
  }

  private CompletableFuture<Void> endLocks(SimRegion region) {
    return session
        .<ScanLockResponse>call(
            ScanLockRequest.newBuilder().setMaxVersion(-1).build(), region, Long.MAX_VALUE)
        .thenCompose(found -> {
          if (!found.hasError() && found.getLocksCount() == 0) {
            return CompletableFuture.completedFuture(null);
          }
          return Session.inTurn(found.getLocksList(), this::end)
              .thenCompose(ended -> session.pause())
              .thenCompose(ended -> endLocks(region));
        });
  }

  private CompletableFuture<Void> end(LockInfo lock) {
    return resolver.resolve(lock, 0, -1).thenApply(fate -> null);
  }

  private CompletableFuture<Void> readAll() {
    return Session.inTurn(
        IntStream.range(0, sim.options.keys()).mapToObj(sim::key).toList(), this::read);
  }

  private CompletableFuture<Void> read(String key) {
    long timestamp = sim.oracle.next();
    GetRequest request =
        GetRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).setVersion(timestamp).build();
    return session
        .<GetResponse>call(request, key, timestamp)
        .thenAccept(response -> {
          if (response.hasError()) {
            sim.history.violation("last read of " + key + ": " + response);
          } else {
            sim.history.read(timestamp, Map.of(key, TxnReader.value(response)));
          }
        });
  }
}
