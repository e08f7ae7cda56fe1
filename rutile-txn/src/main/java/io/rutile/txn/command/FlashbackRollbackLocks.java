package io.rutile.txn.command;

import io.rutile.base.bytes.Bytes;
import io.rutile.proto.errorpb.Error;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.PrepareFlashbackToVersionRequest;
import io.rutile.proto.kvrpcpb.PrepareFlashbackToVersionResponse;
import io.rutile.txn.command.action.Requests;
import io.rutile.txn.command.action.RollbackAction;
import io.rutile.txn.command.action.TxnChanges;
import io.rutile.txn.error.TxnException;
import io.rutile.txn.gate.WriteBatchData;
import io.rutile.txn.mvcc.KeyLock;
import io.rutile.txn.mvcc.LockScanner;
import io.rutile.txn.mvcc.MvccReader;
import io.rutile.txn.record.Lock;
import io.rutile.txn.record.LockRecord;
import io.rutile.txn.record.SharedLocks;
import java.util.List;

/**
 * Second step of preparing a flashback, after the region has stopped to take other writes: rolls
 * back every lock of the range, batch by batch, and goes on with {@link FlashbackPrepare}. Needs no
 * latches: nobody else writes.
 */
public final class FlashbackRollbackLocks implements Command<PrepareFlashbackToVersionResponse> {
  /** Properties of every entry that a flashback writes. */
  static final WriteBatchData.Flags FLAGS = new WriteBatchData.Flags(false, true, false);

  private static final int BATCH_LOCKS = 256;

  private final PrepareFlashbackToVersionRequest request;
  private final byte[] from;
  private final byte[] end;

  public FlashbackRollbackLocks(PrepareFlashbackToVersionRequest request) {
    this(request, KvScan.encodeBound(request.getStartKey().toByteArray()));
  }

  private FlashbackRollbackLocks(PrepareFlashbackToVersionRequest request, byte[] from) {
    this.request = request;
    this.from = from;
    this.end = KvScan.encodeBound(request.getEndKey().toByteArray());
  }

  @Override
  public String tag() {
    return "flashback_to_version_rollback_lock";
  }

  @Override
  public Context context() {
    return request.getContext();
  }

  @Override
  public List<byte[]> latchKeys() {
    return List.of();
  }

  @Override
  public long writeBytes() {
    return 0;
  }

  /**
   * Checks the request before the region is changed for it.
   *
   * @throws TxnException when it makes no sense
   */
  public void check() {
    Requests.checkStartTs(request.getStartTs());
    if (Long.compareUnsigned(request.getVersion(), request.getStartTs()) >= 0) {
      throw Requests.bad("flashback to a version that is not before its start_ts");
    }
  }

  @Override
  public WriteResult<PrepareFlashbackToVersionResponse> process(CommandEnv env) {
    check();
    List<KeyLock> locks =
        LockScanner.all(env.snapshot(), from, end, this::isOthers, BATCH_LOCKS, env.statistics());
    TxnChanges changes = new TxnChanges();
    try (MvccReader reader = new MvccReader(env.snapshot(), env.statistics())) {
      for (KeyLock lock : locks) {
        rollBack(changes, reader, lock);
      }
    }
    Command<PrepareFlashbackToVersionResponse> next =
        locks.size() < BATCH_LOCKS
            ? new FlashbackPrepare(request)
            : new FlashbackRollbackLocks(request, Bytes.next(locks.getLast().encodedKey()));
    return WriteResult.<PrepareFlashbackToVersionResponse>builder()
        .changes(changes)
        .flags(FLAGS)
        .next(next)
        .build(PrepareFlashbackToVersionResponse.getDefaultInstance());
  }

  private boolean isOthers(LockRecord record) {
    return !(record instanceof Lock lock && lock.startTs() == request.getStartTs());
  }

  private static void rollBack(TxnChanges changes, MvccReader reader, KeyLock found) {
    switch (found.lock()) {
      case Lock lock ->
          RollbackAction.rollBackLock(changes, reader, found.encodedKey(), lock, lock, false);
      case SharedLocks shared -> {
        SharedLocks rest = shared;
        for (Lock member : shared.members()) {
          RollbackAction.rollBackLock(changes, reader, found.encodedKey(), rest, member, false);
          rest = rest.without(member.startTs());
        }
      }
    }
  }

  @Override
  public PrepareFlashbackToVersionResponse failure(TxnException exception) {
    return PrepareFlashbackToVersionResponse.newBuilder()
        .setError(exception.error().text())
        .build();
  }

  @Override
  public PrepareFlashbackToVersionResponse regionError(Error error) {
    return PrepareFlashbackToVersionResponse.newBuilder().setRegionError(error).build();
  }
}
