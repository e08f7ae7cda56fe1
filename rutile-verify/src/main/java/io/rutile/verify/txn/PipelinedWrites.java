package io.rutile.verify.txn;

import com.google.protobuf.ByteString;
import io.rutile.proto.kvrpcpb.BufferBatchGetRequest;
import io.rutile.proto.kvrpcpb.BufferBatchGetResponse;
import io.rutile.proto.kvrpcpb.FlushRequest;
import io.rutile.proto.kvrpcpb.FlushResponse;
import io.rutile.proto.kvrpcpb.KvPair;
import io.rutile.proto.kvrpcpb.Mutation;
import io.rutile.proto.kvrpcpb.Op;
import io.rutile.verify.txn.TxnRun.Change;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/** A large transaction: flushes its buffer some times, then commits in two phases. */
final class PipelinedWrites {
  private static final int TRIES = 6;

  private final TxnRun txn;
  private final TxnSim sim;
  private final Map<String, Change> flushed = new LinkedHashMap<>();

  PipelinedWrites(TxnRun txn) {
    this.txn = txn;
    this.sim = txn.sim;
    txn.primary = sim.key(sim.random.nextInt(sim.options.keys()));
  }

  CompletableFuture<Void> run() {
    sim.pipelined++;
    List<Long> generations =
        IntStream.rangeClosed(1, 1 + sim.random.nextInt(3)).mapToObj(Long::valueOf).toList();
    return Session.inTurn(generations, this::flush)
        .thenCompose(done -> readBack())
        .thenCompose(done -> {
          txn.changes.clear();
          txn.changes.addAll(flushed.values());
          return new Committer(txn).commitFlushed();
        });
  }

  private CompletableFuture<Void> flush(long generation) {
    Set<String> keys = new HashSet<>();
    if (generation == 1) {
      keys.add(txn.primary);
    }
    for (int i = sim.random.nextInt(3); i >= 0; i--) {
      keys.add(sim.key(sim.random.nextInt(sim.options.keys())));
    }
    for (String key : keys.stream().sorted().toList()) {
      boolean deletes = sim.random.nextInt(4) == 0;
      flushed.put(
          key,
          new Change(
              key,
              deletes ? Op.Del : Op.Put,
              deletes ? Optional.empty() : Optional.of(txn.newValue(key))));
    }
    txn.changes.clear();
    txn.changes.addAll(flushed.values());
    return Session.inTurn(
        sim.byRegion(keys.stream().sorted().map(ByteString::copyFromUtf8).toList()),
        group -> flush(group, generation, TRIES));
  }

  private CompletableFuture<Void> flush(List<ByteString> keys, long generation, int tries) {
    FlushRequest.Builder request =
        FlushRequest.newBuilder()
            .setStartTs(txn.startTs)
            .setPrimaryKey(ByteString.copyFromUtf8(txn.primary))
            .setGeneration(generation)
            .setLockTtl(txn.lockTtlMillis);
    for (ByteString key : keys) {
      Change change = flushed.get(key.toStringUtf8());
      if (change != null) {
        request.addMutations(
            Mutation.newBuilder()
                .setOp(change.op())
                .setKey(key)
                .setValue(ByteString.copyFromUtf8(change.value().orElse(""))));
      }
    }
    return txn.session
        .<FlushResponse>call(request.build(), keys.getFirst().toStringUtf8(), txn.startTs)
        .thenCompose(response -> {
          if (response.getErrorsCount() == 0) {
            return CompletableFuture.completedFuture(null);
          }
          CompletableFuture<Void> cleared =
              tries == 0 ? null : txn.resolve(response.getErrorsList());
          return cleared == null
              ? new Committer(txn).rollBack().thenCompose(done -> TxnRun.giveUp("not flushed"))
              : cleared.thenCompose(done -> flush(keys, generation, tries - 1));
        });
  }

  /** The transaction reads its own writes back, unless somebody has rolled it back meanwhile. */
  private CompletableFuture<Void> readBack() {
    List<ByteString> keys = new ArrayList<>();
    flushed.keySet().forEach(key -> keys.add(ByteString.copyFromUtf8(key)));
    return Session.inTurn(
        sim.byRegion(keys),
        group ->
            txn.session
                .<BufferBatchGetResponse>call(
                    BufferBatchGetRequest.newBuilder()
                        .setVersion(txn.startTs)
                        .addAllKeys(group)
                        .build(),
                    group.getFirst().toStringUtf8(),
                    txn.startTs)
                .thenAccept(response -> response.getPairsList().forEach(this::checkBuffered)));
  }

  private void checkBuffered(KvPair pair) {
    Change change = flushed.get(pair.getKey().toStringUtf8());
    String value = change == null ? null : change.value().orElse("");
    if (!pair.getValue().toStringUtf8().equals(value)) {
      sim.history.violation(txn.startTs + " flushed " + change + ", found " + pair);
    }
  }
}
