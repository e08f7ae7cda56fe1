package io.rutile.txn.command;

import io.rutile.base.codec.KeyCodec;
import io.rutile.proto.errorpb.Error;
import io.rutile.proto.kvrpcpb.CheckSecondaryLocksRequest;
import io.rutile.proto.kvrpcpb.CheckSecondaryLocksResponse;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.txn.command.action.Locks;
import io.rutile.txn.command.action.Requests;
import io.rutile.txn.command.action.RollbackAction;
import io.rutile.txn.command.action.TxnChanges;
import io.rutile.txn.error.KeyErrors;
import io.rutile.txn.error.LockInfos;
import io.rutile.txn.error.TxnException;
import io.rutile.txn.mvcc.CommitRecord;
import io.rutile.txn.mvcc.MvccReader;
import io.rutile.txn.record.Lock;
import io.rutile.txn.record.LockRecord;
import java.util.List;

/**
 * Finds out whether all secondaries of an async commit are locked, which makes it committed. Where
 * one is not, the transaction is kept from locking it later, and with that is rolled back.
 */
public final class CheckSecondaryLocks implements Command<CheckSecondaryLocksResponse> {
  private final CheckSecondaryLocksRequest request;
  private final List<byte[]> encodedKeys;

  public CheckSecondaryLocks(CheckSecondaryLocksRequest request) {
    this.request = request;
    this.encodedKeys = Requests.encode(request.getKeysList());
  }

  @Override
  public String tag() {
    return "check_secondary_locks";
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
  public WriteResult<CheckSecondaryLocksResponse> process(CommandEnv env) {
    long startTs = request.getStartVersion();
    Requests.checkStartTs(startTs);
    env.concurrency().updateMaxTs(startTs, Requests.isExactOrigin(context()));
    TxnChanges changes = new TxnChanges();
    CheckSecondaryLocksResponse.Builder response = CheckSecondaryLocksResponse.newBuilder();
    WriteResult.Builder<CheckSecondaryLocksResponse> result = WriteResult.builder();
    try (MvccReader reader = new MvccReader(env.snapshot(), env.statistics())) {
      for (byte[] key : encodedKeys) {
        LockRecord record = reader.loadLock(key);
        Lock own = Locks.own(record, startTs);
        if (own != null && !own.isPessimistic()) {
          response.addLocks(LockInfos.of(KeyCodec.decode(key), own));
          continue;
        }
        CommitRecord found = RollbackAction.forbid(changes, reader, key, startTs, record);
        response.clearLocks().setCommitTs(found.committedTs());
        result.status(startTs, found.committedTs());
        break;
      }
    }
    return result.changes(changes).build(response.build());
  }

  @Override
  public CheckSecondaryLocksResponse failure(TxnException exception) {
    return CheckSecondaryLocksResponse.newBuilder().setError(KeyErrors.of(exception)).build();
  }

  @Override
  public CheckSecondaryLocksResponse regionError(Error error) {
    return CheckSecondaryLocksResponse.newBuilder().setRegionError(error).build();
  }
}
