package io.rutile.txn.command;

import io.rutile.proto.errorpb.Error;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.PrepareFlashbackToVersionRequest;
import io.rutile.proto.kvrpcpb.PrepareFlashbackToVersionResponse;
import io.rutile.txn.command.action.FlashbackAction;
import io.rutile.txn.command.action.TxnChanges;
import io.rutile.txn.error.TxnException;
import io.rutile.txn.mvcc.MvccReader;
import java.util.List;

/**
 * Last step of preparing a flashback: locks the first key of the range, which keeps the resolved
 * timestamp from passing the flashback. Succeeds without a change when that was done before.
 */
public final class FlashbackPrepare implements Command<PrepareFlashbackToVersionResponse> {
  private final PrepareFlashbackToVersionRequest request;
  private final byte[] start;
  private final byte[] end;

  FlashbackPrepare(PrepareFlashbackToVersionRequest request) {
    this.request = request;
    this.start = KvScan.encodeBound(request.getStartKey().toByteArray());
    this.end = KvScan.encodeBound(request.getEndKey().toByteArray());
  }

  @Override
  public String tag() {
    return "flashback_to_version_prewrite";
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
  public WriteResult<PrepareFlashbackToVersionResponse> process(CommandEnv env) {
    TxnChanges changes = new TxnChanges();
    byte[] first = FlashbackAction.nextKey(env.snapshot(), start, end);
    try (MvccReader reader = new MvccReader(env.snapshot(), env.statistics())) {
      if (first != null
          && reader.loadLock(first) == null
          && reader.commitRecord(first, request.getStartTs()).committedTs() == 0) {
        FlashbackAction.lockFirst(
            changes, reader, first, request.getStartTs(), request.getVersion());
      }
    }
    return WriteResult.<PrepareFlashbackToVersionResponse>builder()
        .changes(changes)
        .flags(FlashbackRollbackLocks.FLAGS)
        .build(PrepareFlashbackToVersionResponse.getDefaultInstance());
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
