package io.rutile.verify.txn;

import com.google.protobuf.ByteString;
import io.rutile.proto.kvrpcpb.BatchGetRequest;
import io.rutile.proto.kvrpcpb.BatchGetResponse;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.GetRequest;
import io.rutile.proto.kvrpcpb.GetResponse;
import io.rutile.proto.kvrpcpb.KeyError;
import io.rutile.proto.kvrpcpb.KvPair;
import io.rutile.proto.kvrpcpb.ScanRequest;
import io.rutile.proto.kvrpcpb.ScanResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Reads of one transaction, at its start. */
final class TxnReader {
  private static final int TRIES = 8;

  private final TxnSim sim;
  private final Session session;
  private final LockResolver resolver;
  private final long startTs;

  /** Locks of transactions that cannot commit at or below this one's start. */
  private final List<Long> passable = new ArrayList<>();

  /** Locks of transactions that did commit there. */
  private final List<Long> readThrough = new ArrayList<>();

  TxnReader(TxnSim sim, Session session, long startTs) {
    this.sim = sim;
    this.session = session;
    this.resolver = new LockResolver(sim, session);
    this.startTs = startTs;
  }

  static Optional<String> value(GetResponse response) {
    return response.getNotFound()
        ? Optional.empty()
        : Optional.of(response.getValue().toStringUtf8());
  }

  CompletableFuture<Void> read() {
    List<String> keys =
        IntStream.range(0, sim.options.keys())
            .filter(i -> sim.random.nextBoolean())
            .mapToObj(sim::key)
            .toList();
    return switch (sim.random.nextInt(4)) {
      case 0 -> Session.inTurn(sim.regions(), region -> scan(region, TRIES));
      case 1 ->
          session.forAll(
              sim.byRegion(keys.stream().map(ByteString::copyFromUtf8).toList()),
              group -> batchGet(group, TRIES));
      default -> session.forAll(keys, key -> get(key, TRIES));
    };
  }

  private Context context() {
    return Context.newBuilder()
        .addAllResolvedLocks(passable)
        .addAllCommittedLocks(readThrough)
        .build();
  }

  private CompletableFuture<Void> get(String key, int tries) {
    GetRequest request =
        GetRequest.newBuilder()
            .setContext(context())
            .setKey(ByteString.copyFromUtf8(key))
            .setVersion(startTs)
            .build();
    return session
        .<GetResponse>call(request, key, startTs)
        .thenCompose(response -> {
          if (response.hasError()) {
            return afterLock(response.getError(), tries, () -> get(key, tries - 1));
          }
          sim.history.read(startTs, Map.of(key, value(response)));
          return CompletableFuture.completedFuture(null);
        });
  }

  private CompletableFuture<Void> batchGet(List<ByteString> keys, int tries) {
    BatchGetRequest request =
        BatchGetRequest.newBuilder()
            .setContext(context())
            .addAllKeys(keys)
            .setVersion(startTs)
            .build();
    return session
        .<BatchGetResponse>call(request, keys.getFirst().toStringUtf8(), startTs)
        .thenCompose(response -> {
          KeyError error =
              response.hasError() ? response.getError() : firstError(response.getPairsList());
          if (error != null) {
            return afterLock(error, tries, () -> batchGet(keys, tries - 1));
          }
          record(keys.stream().map(ByteString::toStringUtf8).toList(), response.getPairsList());
          return CompletableFuture.completedFuture(null);
        });
  }

  private CompletableFuture<Void> scan(SimRegion region, int tries) {
    List<String> keys =
        IntStream.range(0, sim.options.keys())
            .mapToObj(sim::key)
            .filter(key -> sim.regionOf(key) == region)
            .toList();
    if (keys.isEmpty()) {
      return CompletableFuture.completedFuture(null);
    }
    ByteString from = ByteString.copyFromUtf8(keys.getFirst());
    ByteString to = ByteString.copyFromUtf8(keys.getLast() + "~");
    boolean reverse = sim.random.nextBoolean();
    ScanRequest request =
        ScanRequest.newBuilder()
            .setContext(context())
            .setStartKey(reverse ? to : from)
            .setEndKey(reverse ? from : to)
            .setReverse(reverse)
            .setLimit(100)
            .setVersion(startTs)
            .build();
    return session
        .<ScanResponse>call(request, region, startTs)
        .thenCompose(response -> {
          KeyError error =
              response.hasError() ? response.getError() : firstError(response.getPairsList());
          if (error != null) {
            return afterLock(error, tries, () -> scan(region, tries - 1));
          }
          record(keys, response.getPairsList());
          return CompletableFuture.completedFuture(null);
        });
  }

  private static @Nullable KeyError firstError(List<KvPair> pairs) {
    for (KvPair pair : pairs) {
      if (pair.hasError()) {
        return pair.getError();
      }
    }
    return null;
  }

  private void record(List<String> keys, List<KvPair> found) {
    Map<String, Optional<String>> values = new HashMap<>();
    keys.forEach(key -> values.put(key, Optional.empty()));
    for (KvPair pair : found) {
      values.put(pair.getKey().toStringUtf8(), Optional.of(pair.getValue().toStringUtf8()));
    }
    sim.history.read(startTs, values);
  }

  private CompletableFuture<Void> afterLock(
      KeyError error, int tries, Supplier<CompletableFuture<Void>> again) {
    if (!error.hasLocked()) {
      sim.history.violation("read refused: " + error);
    }
    if (tries == 0 || !error.hasLocked()) {
      return CompletableFuture.failedFuture(new Unanswered("locked"));
    }
    return resolver
        .resolve(error.getLocked(), startTs, sim.oracle.next())
        .thenCompose(fate -> {
          long lock = error.getLocked().getLockVersion();
          return switch (fate) {
            case LockResolver.Fate.Alive _ -> session.pause();
            case LockResolver.Fate.Passable _ -> note(passable, lock);
            case LockResolver.Fate.RolledBack _ -> maybeNote(passable, lock);
            case LockResolver.Fate.Committed(long commitTs) ->
                maybeNote(commitTs <= startTs ? readThrough : passable, lock);
          };
        })
        .thenCompose(done -> again.get());
  }

  /** Whether the lock is gone from the key by now makes no difference to the reader. */
  private CompletableFuture<Void> maybeNote(List<Long> locks, long lock) {
    return sim.random.nextBoolean() ? note(locks, lock) : CompletableFuture.completedFuture(null);
  }

  private static CompletableFuture<Void> note(List<Long> locks, long lock) {
    locks.add(lock);
    return CompletableFuture.completedFuture(null);
  }
}
