package io.rutile.txn.command;

import io.rutile.base.codec.KeyCodec;
import io.rutile.proto.errorpb.Error;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.TxnHeartBeatRequest;
import io.rutile.proto.kvrpcpb.TxnHeartBeatResponse;
import io.rutile.txn.command.action.Requests;
import io.rutile.txn.command.action.TxnChanges;
import io.rutile.txn.error.KeyErrors;
import io.rutile.txn.error.LockInfos;
import io.rutile.txn.error.TxnError;
import io.rutile.txn.error.TxnException;
import io.rutile.txn.mvcc.MvccReader;
import io.rutile.txn.record.Lock;
import io.rutile.txn.record.LockRecord;
import io.rutile.txn.record.SharedLocks;
import java.util.List;

/**
 * Prolongs the life of a transaction by its primary lock; of a pipelined transaction it also raises
 * the lowest commit_ts. Neither ever goes down.
 */
public final class TxnHeartBeat implements Command<TxnHeartBeatResponse> {
  private final TxnHeartBeatRequest request;
  private final byte[] encodedKey;

  public TxnHeartBeat(TxnHeartBeatRequest request) {
    this.request = request;
    this.encodedKey = KeyCodec.encode(request.getPrimaryLock().toByteArray());
  }

  @Override
  public String tag() {
    return "txn_heart_beat";
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
  public WriteResult<TxnHeartBeatResponse> process(CommandEnv env) {
    Requests.checkStartTs(request.getStartVersion());
    byte[] rawKey = request.getPrimaryLock().toByteArray();
    LockRecord record;
    try (MvccReader reader = new MvccReader(env.snapshot(), env.statistics())) {
      record = reader.loadLock(encodedKey);
    }
    if (record instanceof SharedLocks shared && shared.member(request.getStartVersion()) != null) {
      throw new TxnError.PrimaryMismatch(LockInfos.of(rawKey, shared)).exception();
    }
    if (!(record instanceof Lock lock) || lock.startTs() != request.getStartVersion()) {
      throw new TxnError.TxnNotFound(request.getStartVersion(), rawKey).exception();
    }
    TxnChanges changes = new TxnChanges();
    Lock prolonged = prolonged(lock);
    if (!prolonged.equals(lock)) {
      changes.putLock(encodedKey, prolonged);
    }
    return WriteResult.<TxnHeartBeatResponse>builder()
        .changes(changes)
        .build(TxnHeartBeatResponse.newBuilder().setLockTtl(prolonged.ttl()).build());
  }

  private Lock prolonged(Lock lock) {
    Lock.Builder changed = lock.toBuilder();
    if (Long.compareUnsigned(request.getAdviseLockTtl(), lock.ttl()) > 0) {
      changed.ttl(request.getAdviseLockTtl());
    }
    if (!lock.useAsyncCommit()
        && lock.generation() > 0
        && Long.compareUnsigned(request.getMinCommitTs(), lock.minCommitTs()) > 0) {
      changed.minCommitTs(request.getMinCommitTs());
    }
    return changed.build();
  }

  @Override
  public TxnHeartBeatResponse failure(TxnException exception) {
    return TxnHeartBeatResponse.newBuilder().setError(KeyErrors.of(exception)).build();
  }

  @Override
  public TxnHeartBeatResponse regionError(Error error) {
    return TxnHeartBeatResponse.newBuilder().setRegionError(error).build();
  }
}
