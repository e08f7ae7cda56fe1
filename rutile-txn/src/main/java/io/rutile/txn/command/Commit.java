package io.rutile.txn.command;

import io.rutile.proto.errorpb.Error;
import io.rutile.proto.kvrpcpb.CommitRequest;
import io.rutile.proto.kvrpcpb.CommitResponse;
import io.rutile.proto.kvrpcpb.CommitRole;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.txn.command.action.CommitAction;
import io.rutile.txn.command.action.Requests;
import io.rutile.txn.command.action.TxnChanges;
import io.rutile.txn.error.KeyErrors;
import io.rutile.txn.error.TxnError;
import io.rutile.txn.error.TxnException;
import io.rutile.txn.mvcc.MvccInfos;
import io.rutile.txn.mvcc.MvccReader;
import java.util.List;

/**
 * Second phase: turns the locks of a transaction into commit records. The first key that cannot be
 * committed refuses the whole request; keys that were committed before count as done.
 */
public final class Commit implements Command<CommitResponse> {
  private final CommitRequest request;
  private final List<byte[]> encodedKeys;

  public Commit(CommitRequest request) {
    this.request = request;
    this.encodedKeys = Requests.encode(request.getKeysList());
  }

  @Override
  public String tag() {
    return "commit";
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
  public WriteResult<CommitResponse> process(CommandEnv env) {
    long startTs = request.getStartVersion();
    long commitTs = request.getCommitVersion();
    Requests.checkStartTs(startTs);
    Requests.checkCommitTs(startTs, commitTs);
    TxnChanges changes = new TxnChanges();
    try (MvccReader reader = new MvccReader(env.snapshot(), env.statistics())) {
      for (byte[] key : encodedKeys) {
        try {
          CommitAction.commit(changes, reader, key, reader.loadLock(key), startTs, commitTs);
        } catch (TxnException refused) {
          throw explained(refused, env, key);
        }
      }
    }
    return WriteResult.<CommitResponse>builder()
        .changes(changes)
        .status(startTs, commitTs)
        .build(CommitResponse.newBuilder().setCommitVersion(commitTs).build());
  }

  /** A secondary whose lock is gone is a mystery: show what is there instead. */
  private TxnException explained(TxnException refused, CommandEnv env, byte[] key) {
    boolean secondary = request.getCommitRole() == CommitRole.Secondary;
    if (secondary && refused.error() instanceof TxnError.TxnLockNotFound lost) {
      return new TxnError.TxnLockNotFound(
              lost.startTs(),
              lost.commitTs(),
              lost.key(),
              MvccInfos.of(env.snapshot(), key, env.statistics()))
          .exception();
    }
    return refused;
  }

  @Override
  public CommitResponse failure(TxnException exception) {
    return CommitResponse.newBuilder().setError(KeyErrors.of(exception)).build();
  }

  @Override
  public CommitResponse regionError(Error error) {
    return CommitResponse.newBuilder().setRegionError(error).build();
  }
}
