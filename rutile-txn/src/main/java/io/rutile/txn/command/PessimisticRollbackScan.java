package io.rutile.txn.command;

import io.rutile.base.bytes.Bytes;
import io.rutile.proto.errorpb.Error;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.PessimisticRollbackRequest;
import io.rutile.proto.kvrpcpb.PessimisticRollbackResponse;
import io.rutile.txn.command.action.Requests;
import io.rutile.txn.error.KeyErrors;
import io.rutile.txn.error.TxnException;
import io.rutile.txn.mvcc.KeyLock;
import io.rutile.txn.mvcc.LockScanner;
import io.rutile.txn.record.Lock;
import io.rutile.txn.record.LockRecord;
import io.rutile.txn.record.SharedLocks;
import java.util.List;

/**
 * Finds the next locks in the region that a {@link PessimisticRollback} without keys is about, in
 * memory or stored. Holds no latches.
 */
public final class PessimisticRollbackScan implements Command<PessimisticRollbackResponse> {
  private static final int BATCH_LOCKS = 256;

  private final PessimisticRollbackRequest request;
  private final byte[] fromKey;

  PessimisticRollbackScan(PessimisticRollbackRequest request) {
    this(request, Bytes.EMPTY);
  }

  private PessimisticRollbackScan(PessimisticRollbackRequest request, byte[] fromKey) {
    this.request = request;
    this.fromKey = fromKey;
  }

  @Override
  public String tag() {
    return "pessimistic_rollback_read_phase";
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

  @Override
  public WriteResult<PessimisticRollbackResponse> process(CommandEnv env) {
    Requests.checkStartTs(request.getStartVersion());
    List<KeyLock> found =
        LockScanner.all(
            env.snapshot(), fromKey, Bytes.EMPTY, this::matches, BATCH_LOCKS, env.statistics());
    WriteResult.Builder<PessimisticRollbackResponse> result = WriteResult.builder();
    if (!found.isEmpty()) {
      List<byte[]> keys = found.stream().map(KeyLock::encodedKey).toList();
      PessimisticRollbackScan rest =
          found.size() < BATCH_LOCKS
              ? null
              : new PessimisticRollbackScan(request, Bytes.next(keys.getLast()));
      result.next(new PessimisticRollback(request, keys, rest));
    }
    return result.build(PessimisticRollbackResponse.getDefaultInstance());
  }

  private boolean matches(LockRecord record) {
    return switch (record) {
      case Lock lock -> PessimisticRollback.matches(request, lock);
      case SharedLocks shared -> shared.members().stream().anyMatch(this::matches);
    };
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
