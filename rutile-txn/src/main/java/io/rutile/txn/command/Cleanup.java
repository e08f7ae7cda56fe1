package io.rutile.txn.command;

import io.rutile.base.codec.KeyCodec;
import io.rutile.base.codec.TimeStamp;
import io.rutile.proto.errorpb.Error;
import io.rutile.proto.kvrpcpb.CleanupRequest;
import io.rutile.proto.kvrpcpb.CleanupResponse;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.txn.command.action.CleanupAction;
import io.rutile.txn.command.action.Requests;
import io.rutile.txn.command.action.TxnChanges;
import io.rutile.txn.error.KeyErrors;
import io.rutile.txn.error.TxnError;
import io.rutile.txn.error.TxnException;
import io.rutile.txn.mvcc.MvccReader;
import java.util.List;

/**
 * Rolls a transaction back on its primary once the lock has expired, as older clients do. A
 * transaction that was committed is reported with its commit_ts and without an error.
 */
public final class Cleanup implements Command<CleanupResponse> {
  private final CleanupRequest request;
  private final byte[] encodedKey;

  public Cleanup(CleanupRequest request) {
    this.request = request;
    this.encodedKey = KeyCodec.encode(request.getKey().toByteArray());
  }

  @Override
  public String tag() {
    return "cleanup";
  }

  @Override
  public Context context() {
    return request.getContext();
  }

  @Override
  public List<byte[]> latchKeys() {
    return List.of(encodedKey);
  }

  @Override
  public long writeBytes() {
    return CommandSizes.keys(latchKeys());
  }

  @Override
  public boolean allowedOnAlmostFullDisk() {
    return true;
  }

  @Override
  public WriteResult<CleanupResponse> process(CommandEnv env) {
    long startTs = request.getStartVersion();
    Requests.checkStartTs(startTs);
    // Nobody who reads at or below start_ts may be overtaken by a commit there afterwards.
    env.concurrency().updateMaxTs(startTs, Requests.isExactOrigin(context()));
    TxnChanges changes = new TxnChanges();
    try (MvccReader reader = new MvccReader(env.snapshot(), env.statistics())) {
      CleanupAction.cleanUp(
          changes,
          reader,
          encodedKey,
          reader.loadLock(encodedKey),
          startTs,
          request.getCurrentTs(),
          true);
    } catch (TxnException refused) {
      if (refused.error() instanceof TxnError.Committed committed) {
        return WriteResult.<CleanupResponse>builder()
            .status(startTs, committed.commitTs())
            .build(CleanupResponse.newBuilder().setCommitVersion(committed.commitTs()).build());
      }
      throw refused;
    }
    return WriteResult.<CleanupResponse>builder()
        .changes(changes)
        .status(startTs, TimeStamp.ZERO)
        .build(CleanupResponse.getDefaultInstance());
  }

  @Override
  public CleanupResponse failure(TxnException exception) {
    return CleanupResponse.newBuilder().setError(KeyErrors.of(exception)).build();
  }

  @Override
  public CleanupResponse regionError(Error error) {
    return CleanupResponse.newBuilder().setRegionError(error).build();
  }
}
