package io.rutile.txn.command;

import io.rutile.proto.errorpb.Error;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.FlashbackToVersionRequest;
import io.rutile.proto.kvrpcpb.FlashbackToVersionResponse;
import io.rutile.txn.command.action.CommitAction;
import io.rutile.txn.command.action.TxnChanges;
import io.rutile.txn.error.TxnException;
import io.rutile.txn.mvcc.MvccReader;
import java.util.List;

/** Ends a flashback: commits the first key of the range, and with it the whole. */
public final class FlashbackCommit implements Command<FlashbackToVersionResponse> {
  private final FlashbackToVersionRequest request;
  private final byte[] first;

  FlashbackCommit(FlashbackToVersionRequest request, byte[] first) {
    this.request = request;
    this.first = first;
  }

  @Override
  public String tag() {
    return "flashback_to_version_commit";
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
  public WriteResult<FlashbackToVersionResponse> process(CommandEnv env) {
    TxnChanges changes = new TxnChanges();
    try (MvccReader reader = new MvccReader(env.snapshot(), env.statistics())) {
      CommitAction.commit(
          changes,
          reader,
          first,
          reader.loadLock(first),
          request.getStartTs(),
          request.getCommitTs());
    }
    return WriteResult.<FlashbackToVersionResponse>builder()
        .changes(changes)
        .flags(FlashbackRollbackLocks.FLAGS)
        .build(FlashbackToVersionResponse.getDefaultInstance());
  }

  @Override
  public FlashbackToVersionResponse failure(TxnException exception) {
    return FlashbackToVersionResponse.newBuilder().setError(exception.error().text()).build();
  }

  @Override
  public FlashbackToVersionResponse regionError(Error error) {
    return FlashbackToVersionResponse.newBuilder().setRegionError(error).build();
  }
}
