package io.rutile.txn.command;

import io.rutile.proto.errorpb.Error;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.FlashbackToVersionRequest;
import io.rutile.proto.kvrpcpb.FlashbackToVersionResponse;
import io.rutile.txn.command.action.FlashbackAction;
import io.rutile.txn.command.action.Locks;
import io.rutile.txn.command.action.Requests;
import io.rutile.txn.command.action.TxnChanges;
import io.rutile.txn.error.TxnException;
import io.rutile.txn.gate.RegionErrors;
import io.rutile.txn.mvcc.MvccReader;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes the keys of a prepared range back to what they were at a version, batch by batch, and goes
 * on with {@link FlashbackCommit}. A flashback that is committed already is left as it is. Needs no
 * latches: nobody else writes.
 */
public final class FlashbackRewrite implements Command<FlashbackToVersionResponse> {
  private static final int BATCH_KEYS = 256;
  private static final int BATCH_READ_KEYS = 4096;

  private final FlashbackToVersionRequest request;
  private final byte[] start;
  private final byte[] end;
  private final byte @Nullable [] from;

  public FlashbackRewrite(FlashbackToVersionRequest request) {
    this(request, null);
  }

  private FlashbackRewrite(FlashbackToVersionRequest request, byte @Nullable [] from) {
    this.request = request;
    this.start = KvScan.encodeBound(request.getStartKey().toByteArray());
    this.end = KvScan.encodeBound(request.getEndKey().toByteArray());
    this.from = from;
  }

  @Override
  public String tag() {
    return "flashback_to_version";
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
    Requests.checkStartTs(request.getStartTs());
    Requests.checkCommitTs(request.getStartTs(), request.getCommitTs());
    FlashbackToVersionResponse done = FlashbackToVersionResponse.getDefaultInstance();
    byte[] first = FlashbackAction.nextKey(env.snapshot(), start, end);
    if (first == null) {
      return WriteResult.of(done);
    }
    try (MvccReader reader = new MvccReader(env.snapshot(), env.statistics())) {
      if (Locks.own(reader.loadLock(first), request.getStartTs()) == null) {
        if (reader.commitRecord(first, request.getStartTs()).committedTs() != 0) {
          return WriteResult.of(done);
        }
        throw RegionErrors.flashbackNotPrepared(env.snapshot().regionId());
      }
      return rewrite(env, reader, first);
    }
  }

  private WriteResult<FlashbackToVersionResponse> rewrite(
      CommandEnv env, MvccReader reader, byte[] first) {
    TxnChanges changes = new TxnChanges();
    byte[] at = from == null ? FlashbackAction.after(first) : from;
    byte[] key = FlashbackAction.nextKey(env.snapshot(), at, end);
    for (int read = 0;
        key != null && read < BATCH_READ_KEYS && changes.modifies().size() < BATCH_KEYS;
        read++) {
      FlashbackAction.rewrite(
          changes, reader, key, request.getStartTs(), request.getCommitTs(), request.getVersion());
      at = FlashbackAction.after(key);
      key = FlashbackAction.nextKey(env.snapshot(), at, end);
    }
    return WriteResult.<FlashbackToVersionResponse>builder()
        .changes(changes)
        .flags(FlashbackRollbackLocks.FLAGS)
        .next(key == null ? new FlashbackCommit(request, first) : new FlashbackRewrite(request, at))
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
