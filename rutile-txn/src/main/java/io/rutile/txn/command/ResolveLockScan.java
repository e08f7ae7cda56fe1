package io.rutile.txn.command;

import io.rutile.base.bytes.Bytes;
import io.rutile.proto.errorpb.Error;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.ResolveLockRequest;
import io.rutile.proto.kvrpcpb.ResolveLockResponse;
import io.rutile.proto.kvrpcpb.TxnInfo;
import io.rutile.txn.command.action.Requests;
import io.rutile.txn.error.KeyErrors;
import io.rutile.txn.error.TxnException;
import io.rutile.txn.mvcc.KeyLock;
import io.rutile.txn.mvcc.LockScanner;
import io.rutile.txn.record.Lock;
import io.rutile.txn.record.LockRecord;
import io.rutile.txn.record.SharedLocks;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds the next stored locks in the region that belong to transactions whose fate is known, and
 * hands them to {@link ResolveLock}, which comes back here for more. Holds no latches.
 */
public final class ResolveLockScan implements Command<ResolveLockResponse> {
  /** Locks that one step resolves at most. */
  static final int BATCH_LOCKS = 256;

  private final ResolveLockRequest request;
  private final Map<Long, Long> commitTsByStartTs;
  private final byte[] fromKey;

  /** The command for a whole request. */
  public ResolveLockScan(ResolveLockRequest request) {
    this(request, fates(request), Bytes.EMPTY);
  }

  ResolveLockScan(ResolveLockRequest request, Map<Long, Long> fates, byte[] fromKey) {
    this.request = request;
    this.commitTsByStartTs = fates;
    this.fromKey = fromKey;
  }

  private static Map<Long, Long> fates(ResolveLockRequest request) {
    Map<Long, Long> fates = new HashMap<>();
    for (TxnInfo txn : request.getTxnInfosList()) {
      fates.put(txn.getTxn(), txn.getStatus());
    }
    if (request.getTxnInfosCount() == 0) {
      fates.put(request.getStartVersion(), request.getCommitVersion());
    }
    return fates;
  }

  @Override
  public String tag() {
    return "resolve_lock";
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
  public boolean isSystem() {
    return true;
  }

  @Override
  public WriteResult<ResolveLockResponse> process(CommandEnv env) {
    commitTsByStartTs.forEach((startTs, commitTs) -> {
      Requests.checkStartTs(startTs);
      if (commitTs != 0) {
        Requests.checkCommitTs(startTs, commitTs);
      }
    });
    List<KeyLock> locks =
        LockScanner.stored(
            env.snapshot(), fromKey, Bytes.EMPTY, this::isKnown, BATCH_LOCKS, env.statistics());
    ResolveLockResponse done = ResolveLockResponse.getDefaultInstance();
    if (locks.isEmpty()) {
      WriteResult.Builder<ResolveLockResponse> result = WriteResult.builder();
      commitTsByStartTs.forEach(result::status);
      return result.build(done);
    }
    List<byte[]> keys = locks.stream().map(KeyLock::encodedKey).toList();
    return WriteResult.<ResolveLockResponse>builder()
        .next(new ResolveLock(request, commitTsByStartTs, keys))
        .build(done);
  }

  private boolean isKnown(LockRecord record) {
    return switch (record) {
      case Lock lock -> commitTsByStartTs.containsKey(lock.startTs());
      case SharedLocks shared -> shared.members().stream().anyMatch(this::isKnown);
    };
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
