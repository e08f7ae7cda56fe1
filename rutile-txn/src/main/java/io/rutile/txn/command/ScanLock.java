package io.rutile.txn.command;

import io.rutile.base.codec.KeyCodec;
import io.rutile.proto.errorpb.Error;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.LockInfo;
import io.rutile.proto.kvrpcpb.ScanLockRequest;
import io.rutile.proto.kvrpcpb.ScanLockResponse;
import io.rutile.txn.command.action.Requests;
import io.rutile.txn.error.KeyErrors;
import io.rutile.txn.error.LockInfos;
import io.rutile.txn.error.TxnError;
import io.rutile.txn.error.TxnException;
import io.rutile.txn.gate.ReadGuard;
import io.rutile.txn.mvcc.KeyLock;
import io.rutile.txn.mvcc.LockScanner;
import io.rutile.txn.record.Lock;
import io.rutile.txn.record.LockRecord;
import io.rutile.txn.record.SharedLocks;
import java.util.List;

/**
 * Lists the locks of a range that are as old as max_version or older, for those who resolve them
 * before they collect garbage. Always on the leader. Of a shared container only the old enough
 * members count, each as one lock.
 */
public final class ScanLock implements ReadCommand<ScanLockResponse> {
  private final ScanLockRequest request;
  private final byte[] start;
  private final byte[] end;

  public ScanLock(ScanLockRequest request) {
    this.request = request;
    this.start = KvScan.encodeBound(request.getStartKey().toByteArray());
    this.end = KvScan.encodeBound(request.getEndKey().toByteArray());
  }

  @Override
  public String tag() {
    return "scan_lock";
  }

  @Override
  public Context context() {
    return request.getContext();
  }

  @Override
  public long readTs() {
    return request.getMaxVersion();
  }

  @Override
  public ReadGuard guard() {
    return ReadGuard.LEADER;
  }

  @Override
  public void beforeSnapshot(ConcurrencyView concurrency) {
    concurrency.updateMaxTs(request.getMaxVersion(), Requests.isExactOrigin(context()));
    concurrency.checkRange(
        start,
        end,
        (key, lock) -> {
          if (isOld(lock)) {
            throw new TxnError.KeyIsLocked(LockInfos.of(KeyCodec.decode(key), lock)).exception();
          }
        });
  }

  private boolean isOld(Lock lock) {
    return Long.compareUnsigned(lock.startTs(), request.getMaxVersion()) <= 0;
  }

  private boolean hasOld(LockRecord record) {
    return switch (record) {
      case Lock lock -> isOld(lock);
      case SharedLocks shared -> shared.members().stream().anyMatch(this::isOld);
    };
  }

  @Override
  public ScanLockResponse read(ReadEnv env) {
    int limit = request.getLimit() == 0 ? Integer.MAX_VALUE : request.getLimit() & ~(1 << 31);
    ScanLockResponse.Builder response = ScanLockResponse.newBuilder();
    List<KeyLock> found =
        LockScanner.all(env.snapshot(), start, end, this::hasOld, limit, env.statistics());
    int left = limit;
    for (KeyLock keyLock : found) {
      if (left == 0) {
        break;
      }
      LockRecord shown = limited(keyLock.lock(), left);
      left -= shown instanceof SharedLocks shared ? shared.members().size() : 1;
      response.addLocks(info(keyLock, shown));
    }
    return response.setExecDetailsV2(env.execDetails()).build();
  }

  private static LockInfo info(KeyLock keyLock, LockRecord shown) {
    return LockInfos.of(KeyCodec.decode(keyLock.encodedKey()), shown);
  }

  private LockRecord limited(LockRecord record, int limit) {
    return switch (record) {
      case Lock lock -> lock;
      case SharedLocks shared ->
          new SharedLocks(
              shared.shrinkOnly(),
              shared.members().stream().filter(this::isOld).limit(limit).toList());
    };
  }

  @Override
  public ScanLockResponse failure(TxnException exception) {
    return ScanLockResponse.newBuilder().setError(KeyErrors.of(exception)).build();
  }

  @Override
  public ScanLockResponse regionError(Error error) {
    return ScanLockResponse.newBuilder().setRegionError(error).build();
  }
}
