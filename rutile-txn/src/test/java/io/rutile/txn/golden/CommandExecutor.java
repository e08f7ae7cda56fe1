package io.rutile.txn.golden;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.rutile.base.bytes.Bytes;
import io.rutile.base.clock.Clock;
import io.rutile.base.codec.KeyCodec;
import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineIterator;
import io.rutile.engine.api.ReadOptions;
import io.rutile.engine.memory.MemoryKvEngine;
import io.rutile.proto.kvrpcpb.BatchGetRequest;
import io.rutile.proto.kvrpcpb.BatchRollbackRequest;
import io.rutile.proto.kvrpcpb.BufferBatchGetRequest;
import io.rutile.proto.kvrpcpb.CheckSecondaryLocksRequest;
import io.rutile.proto.kvrpcpb.CheckTxnStatusRequest;
import io.rutile.proto.kvrpcpb.CleanupRequest;
import io.rutile.proto.kvrpcpb.CommitRequest;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.FlashbackToVersionRequest;
import io.rutile.proto.kvrpcpb.FlushRequest;
import io.rutile.proto.kvrpcpb.GetRequest;
import io.rutile.proto.kvrpcpb.MvccGetByKeyRequest;
import io.rutile.proto.kvrpcpb.MvccGetByStartTsRequest;
import io.rutile.proto.kvrpcpb.PessimisticLockRequest;
import io.rutile.proto.kvrpcpb.PessimisticRollbackRequest;
import io.rutile.proto.kvrpcpb.PrepareFlashbackToVersionRequest;
import io.rutile.proto.kvrpcpb.PrewriteRequest;
import io.rutile.proto.kvrpcpb.ResolveLockRequest;
import io.rutile.proto.kvrpcpb.ScanLockRequest;
import io.rutile.proto.kvrpcpb.ScanRequest;
import io.rutile.proto.kvrpcpb.TxnHeartBeatRequest;
import io.rutile.txn.command.AcquirePessimisticLock;
import io.rutile.txn.command.BatchRollback;
import io.rutile.txn.command.BufferBatchGet;
import io.rutile.txn.command.CheckSecondaryLocks;
import io.rutile.txn.command.CheckTxnStatus;
import io.rutile.txn.command.Cleanup;
import io.rutile.txn.command.Command;
import io.rutile.txn.command.CommandEnv;
import io.rutile.txn.command.Commit;
import io.rutile.txn.command.ConcurrencyView;
import io.rutile.txn.command.FlashbackRewrite;
import io.rutile.txn.command.FlashbackRollbackLocks;
import io.rutile.txn.command.Flush;
import io.rutile.txn.command.KvBatchGet;
import io.rutile.txn.command.KvGet;
import io.rutile.txn.command.KvScan;
import io.rutile.txn.command.MvccGetByKey;
import io.rutile.txn.command.MvccGetByStartTs;
import io.rutile.txn.command.PessimisticRollback;
import io.rutile.txn.command.Prewrite;
import io.rutile.txn.command.ReadCommand;
import io.rutile.txn.command.ReadEnv;
import io.rutile.txn.command.ResolveLock;
import io.rutile.txn.command.ScanLock;
import io.rutile.txn.command.TxnHeartBeat;
import io.rutile.txn.command.WriteResult;
import io.rutile.txn.command.WriteResult.TxnOutcome;
import io.rutile.txn.command.action.GcAction;
import io.rutile.txn.command.action.TxnChanges;
import io.rutile.txn.concurrency.ConcurrencyManager;
import io.rutile.txn.error.TxnError;
import io.rutile.txn.error.TxnException;
import io.rutile.txn.gate.ReadGuard;
import io.rutile.txn.gate.RegionContext;
import io.rutile.txn.gate.RegionErrorException;
import io.rutile.txn.gate.RegionSnapshot;
import io.rutile.txn.gate.WriteBatchData;
import io.rutile.txn.mvcc.ReadStatistics;
import io.rutile.txn.testing.SingleEngineGate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Runs requests one after the other as pure commands on one region in memory. There is no scheduler
 * and no waiting: a request that would wait for a lock is refused with it.
 */
public final class CommandExecutor implements ScriptExecutor {
  private final MemoryKvEngine engine = new MemoryKvEngine();
  private final SingleEngineGate gate = new SingleEngineGate(engine);
  private final ConcurrencyView concurrency;
  private final Map<Long, Long> committed = new HashMap<>();
  private final List<Runnable> held = new ArrayList<>();
  private boolean holding;

  public CommandExecutor() {
    this(new ConcurrencyManager(0, Clock.system(), Duration.ofDays(1)));
  }

  public CommandExecutor(ConcurrencyView concurrency) {
    this.concurrency = concurrency;
  }

  public MemoryKvEngine engine() {
    return engine;
  }

  @Override
  public Message execute(Message request) {
    return switch (request) {
      case GetRequest r -> read(new KvGet(r));
      case BatchGetRequest r -> read(new KvBatchGet(r));
      case ScanRequest r -> read(new KvScan(r));
      case ScanLockRequest r -> read(new ScanLock(r));
      case BufferBatchGetRequest r -> read(new BufferBatchGet(r));
      case MvccGetByKeyRequest r -> read(new MvccGetByKey(r));
      case MvccGetByStartTsRequest r -> read(new MvccGetByStartTs(r));
      case PrewriteRequest r -> write(new Prewrite(r));
      case CommitRequest r -> write(new Commit(r));
      case CleanupRequest r -> write(new Cleanup(r));
      case BatchRollbackRequest r -> write(new BatchRollback(r));
      case TxnHeartBeatRequest r -> write(new TxnHeartBeat(r));
      case CheckTxnStatusRequest r -> write(new CheckTxnStatus(r));
      case CheckSecondaryLocksRequest r -> write(new CheckSecondaryLocks(r));
      case ResolveLockRequest r -> write(ResolveLock.of(r));
      case PessimisticLockRequest r -> write(new AcquirePessimisticLock(r));
      case PessimisticRollbackRequest r -> write(PessimisticRollback.of(r));
      case FlushRequest r -> write(new Flush(r));
      case PrepareFlashbackToVersionRequest r -> write(new FlashbackRollbackLocks(r));
      case FlashbackToVersionRequest r -> write(new FlashbackRewrite(r));
      default -> throw new IllegalArgumentException(request.getClass().getName());
    };
  }

  @Override
  public boolean control(String verb) {
    switch (verb) {
      case "hold" -> holding = true;
      case "apply" -> {
        holding = false;
        held.forEach(Runnable::run);
        held.clear();
      }
      case "unsynced" -> gate.setMaxTsSynced(false);
      case "synced" -> gate.setMaxTsSynced(true);
      case String gc when gc.startsWith("gc ") ->
          collectGarbage(ScriptLine.timestamp(gc.substring(3)));
      default -> {
        return false;
      }
    }
    return true;
  }

  public <R extends Message> R read(ReadCommand<R> command) {
    try {
      command.beforeSnapshot(concurrency);
      try (RegionSnapshot snapshot = snapshot(command.guard())) {
        return command.read(ReadEnv.of(snapshot, new ReadStatistics()));
      }
    } catch (TxnException e) {
      return command.failure(e);
    } catch (RegionErrorException e) {
      return command.regionError(e.error());
    }
  }

  public <R extends Message> R write(Command<R> first) {
    Command<R> command = first;
    while (true) {
      WriteResult<R> result;
      try (RegionSnapshot snapshot = snapshot(ReadGuard.LEADER)) {
        result =
            command.process(
                new CommandEnv(
                    snapshot,
                    concurrency,
                    startTs -> committed.getOrDefault(startTs, 0L),
                    new ReadStatistics()));
      } catch (TxnException e) {
        return command.failure(e);
      } catch (RegionErrorException e) {
        return command.regionError(e.error());
      }
      if (result.lockWait() != null) {
        return command.failure(new TxnError.KeyIsLocked(result.lockWait().lock()).exception());
      }
      if (holding) {
        held.add(() -> apply(result));
      } else {
        apply(result);
      }
      if (result.next() == null) {
        return result.response();
      }
      command = result.next();
    }
  }

  private void collectGarbage(long safePoint) {
    TxnChanges changes = new TxnChanges();
    try (RegionSnapshot snapshot = snapshot(ReadGuard.LEADER);
        EngineIterator writes =
            snapshot.iterator(Cf.WRITE, Bytes.EMPTY, Bytes.EMPTY, ReadOptions.DEFAULT)) {
      Set<ByteString> keys = new TreeSet<>(ByteString.unsignedLexicographicalComparator());
      for (boolean valid = writes.seekToFirst(); valid; valid = writes.next()) {
        keys.add(ByteString.copyFrom(KeyCodec.truncateTimestamp(writes.key())));
      }
      for (ByteString key : keys) {
        GcAction.collect(changes, snapshot, key.toByteArray(), safePoint, Long.MAX_VALUE);
      }
    }
    gate.apply(WriteBatchData.of(changes.modifies()));
  }

  private void apply(WriteResult<?> result) {
    gate.apply(WriteBatchData.of(result.modifies()));
    result.guards().forEach(ConcurrencyView.Guard::close);
    for (TxnOutcome outcome : result.statuses()) {
      if (outcome.commitTs() != 0) {
        committed.put(outcome.startTs(), outcome.commitTs());
      }
    }
  }

  public RegionSnapshot snapshot(ReadGuard guard) {
    return gate.snapshot(RegionContext.of(Context.getDefaultInstance()), guard)
        .toCompletableFuture()
        .join();
  }

  @Override
  public void close() {
    engine.close();
  }
}
