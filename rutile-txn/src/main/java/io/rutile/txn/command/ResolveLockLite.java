package io.rutile.txn.command;

import io.rutile.base.codec.TimeStamp;
import io.rutile.proto.errorpb.Error;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.ResolveLockRequest;
import io.rutile.proto.kvrpcpb.ResolveLockResponse;
import io.rutile.txn.command.action.CleanupAction;
import io.rutile.txn.command.action.CommitAction;
import io.rutile.txn.command.action.Requests;
import io.rutile.txn.command.action.TxnChanges;
import io.rutile.txn.error.KeyErrors;
import io.rutile.txn.error.TxnException;
import io.rutile.txn.mvcc.MvccReader;
import java.util.List;

/** Ends a transaction whose fate is known on the keys given: commits or rolls back each. */
public final class ResolveLockLite implements Command<ResolveLockResponse> {
  private final ResolveLockRequest request;
  private final List<byte[]> encodedKeys;

  public ResolveLockLite(ResolveLockRequest request) {
    this.request = request;
    this.encodedKeys = Requests.encode(request.getKeysList());
  }

  @Override
  public String tag() {
    return "resolve_lock_lite";
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
  public boolean isSystem() {
    return true;
  }

  @Override
  public boolean allowedOnAlmostFullDisk() {
    return true;
  }

  @Override
  public WriteResult<ResolveLockResponse> process(CommandEnv env) {
    long startTs = request.getStartVersion();
    long commitTs = request.getCommitVersion();
    Requests.checkStartTs(startTs);
    if (commitTs != 0) {
      Requests.checkCommitTs(startTs, commitTs);
    }
    TxnChanges changes = new TxnChanges();
    try (MvccReader reader = new MvccReader(env.snapshot(), env.statistics())) {
      for (byte[] key : encodedKeys) {
        if (commitTs != 0) {
          CommitAction.commit(changes, reader, key, reader.loadLock(key), startTs, commitTs);
        } else {
          CleanupAction.cleanUp(
              changes, reader, key, reader.loadLock(key), startTs, TimeStamp.ZERO, false);
        }
      }
    }
    return WriteResult.<ResolveLockResponse>builder()
        .changes(changes)
        .status(startTs, commitTs)
        .build(ResolveLockResponse.getDefaultInstance());
  }

  @Override
  public ResolveLockResponse failure(TxnException exception) {
    return ResolveLockResponse.newBuilder().setError(KeyErrors.of(exception)).build();
  }

  @Override
  public ResolveLockResponse regionError(Error error) {
    return ResolveLockResponse.newBuilder().setRegionError(error).build();
  }
}
