package io.rutile.txn.command;

import io.rutile.base.codec.TimeStamp;
import io.rutile.proto.errorpb.Error;
import io.rutile.proto.kvrpcpb.BatchRollbackRequest;
import io.rutile.proto.kvrpcpb.BatchRollbackResponse;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.txn.command.action.CleanupAction;
import io.rutile.txn.command.action.Requests;
import io.rutile.txn.command.action.TxnChanges;
import io.rutile.txn.error.KeyErrors;
import io.rutile.txn.error.TxnException;
import io.rutile.txn.mvcc.MvccReader;
import java.util.List;

/** Rolls a transaction back on the keys given, as its own client does. */
public final class BatchRollback implements Command<BatchRollbackResponse> {
  private final BatchRollbackRequest request;
  private final List<byte[]> encodedKeys;

  public BatchRollback(BatchRollbackRequest request) {
    this.request = request;
    this.encodedKeys = Requests.encode(request.getKeysList());
  }

  @Override
  public String tag() {
    return "rollback";
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
  public WriteResult<BatchRollbackResponse> process(CommandEnv env) {
    long startTs = request.getStartVersion();
    Requests.checkStartTs(startTs);
    TxnChanges changes = new TxnChanges();
    try (MvccReader reader = new MvccReader(env.snapshot(), env.statistics())) {
      for (byte[] key : encodedKeys) {
        CleanupAction.cleanUp(
            changes, reader, key, reader.loadLock(key), startTs, TimeStamp.ZERO, false);
      }
    }
    return WriteResult.<BatchRollbackResponse>builder()
        .changes(changes)
        .build(BatchRollbackResponse.getDefaultInstance());
  }

  @Override
  public BatchRollbackResponse failure(TxnException exception) {
    return BatchRollbackResponse.newBuilder().setError(KeyErrors.of(exception)).build();
  }

  @Override
  public BatchRollbackResponse regionError(Error error) {
    return BatchRollbackResponse.newBuilder().setRegionError(error).build();
  }
}
