package io.rutile.txn.command;

import io.rutile.proto.errorpb.Error;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.PessimisticRollbackRequest;
import io.rutile.proto.kvrpcpb.PessimisticRollbackResponse;
import io.rutile.txn.command.action.Locks;
import io.rutile.txn.command.action.Requests;
import io.rutile.txn.command.action.TxnChanges;
import io.rutile.txn.error.KeyErrors;
import io.rutile.txn.error.TxnException;
import io.rutile.txn.mvcc.MvccReader;
import io.rutile.txn.record.Lock;
import io.rutile.txn.record.LockRecord;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Gives pessimistic locks back that a failed statement took. Touches neither prewritten locks nor
 * locks that a later statement took with a larger for_update_ts, and leaves no record.
 */
public final class PessimisticRollback implements Command<PessimisticRollbackResponse> {
  private final PessimisticRollbackRequest request;
  private final List<byte[]> encodedKeys;
  private final @Nullable PessimisticRollbackScan rest;

  PessimisticRollback(
      PessimisticRollbackRequest request,
      List<byte[]> encodedKeys,
      @Nullable PessimisticRollbackScan rest) {
    this.request = request;
    this.encodedKeys = encodedKeys;
    this.rest = rest;
  }

  /** The command for a request: without keys it is for all locks of the region. */
  public static Command<PessimisticRollbackResponse> of(PessimisticRollbackRequest request) {
    return request.getKeysCount() == 0
        ? new PessimisticRollbackScan(request)
        : new PessimisticRollback(request, Requests.encode(request.getKeysList()), null);
  }

  /** Whether a request is about this lock. */
  static boolean matches(PessimisticRollbackRequest request, Lock lock) {
    return lock.isPessimistic()
        && lock.startTs() == request.getStartVersion()
        && Long.compareUnsigned(lock.forUpdateTs(), request.getForUpdateTs()) <= 0;
  }

  @Override
  public String tag() {
    return "pessimistic_rollback";
  }

  @Override
  public Context context() {
    return request.getContext();
  }

  @Override
  public List<byte[]> latchKeys() {
    return encodedKeys;
  }

  @Override
  public long writeBytes() {
    return CommandSizes.keys(encodedKeys);
  }

  @Override
  public boolean allowedOnAlmostFullDisk() {
    return true;
  }

  @Override
  public WriteResult<PessimisticRollbackResponse> process(CommandEnv env) {
    Requests.checkStartTs(request.getStartVersion());
    TxnChanges changes = new TxnChanges();
    try (MvccReader reader = new MvccReader(env.snapshot(), env.statistics())) {
      for (byte[] key : encodedKeys) {
        LockRecord record = reader.loadLock(key);
        Lock own = Locks.own(record, request.getStartVersion());
        if (record != null && own != null && matches(request, own)) {
          changes.unlock(key, record, own, 0);
        }
      }
    }
    WriteResult.Builder<PessimisticRollbackResponse> result = WriteResult.builder();
    if (rest != null) {
      result.next(rest);
    }
    return result.changes(changes).build(PessimisticRollbackResponse.getDefaultInstance());
  }

  @Override
  public PessimisticRollbackResponse failure(TxnException exception) {
    return PessimisticRollbackResponse.newBuilder().addErrors(KeyErrors.of(exception)).build();
  }

  @Override
  public PessimisticRollbackResponse regionError(Error error) {
    return PessimisticRollbackResponse.newBuilder().setRegionError(error).build();
  }
}
