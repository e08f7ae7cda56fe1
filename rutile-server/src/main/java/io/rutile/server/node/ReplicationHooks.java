package io.rutile.server.node;

import io.rutile.base.codec.KeyCodec;
import io.rutile.proto.kvrpcpb.LockInfo;
import io.rutile.store.observe.TxnHooks;
import io.rutile.txn.concurrency.ConcurrencyManager;
import io.rutile.txn.error.LockInfos;
import io.rutile.txn.gate.ReadGuard.KeyRange;
import io.rutile.txn.gate.RegionTxnState;
import io.rutile.txn.record.Lock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What replication asks of transactions, answered by the concurrency manager.
 *
 * <p>The store is opened before the transaction layer, which stands on it, so the manager comes
 * later by {@link #bind}. Until then no client is served: there are no memory locks, and the
 * timestamps that replication raises are kept and handed over.
 *
 * <p>Called on store loops; never blocks.
 */
public final class ReplicationHooks implements TxnHooks {
  private long raisedBefore;
  private volatile @Nullable ConcurrencyManager manager;

  public synchronized void bind(ConcurrencyManager concurrency) {
    concurrency.raiseMaxTs(raisedBefore);
    manager = concurrency;
  }

  @Override
  public RegionTxnState newTxnState(long regionId, long term) {
    return RegionTxnState.NONE;
  }

  @Override
  public void raiseMaxTs(long timestamp) {
    ConcurrencyManager bound = manager;
    if (bound == null) {
      bound = keepUnlessBound(timestamp);
    }
    if (bound != null) {
      bound.raiseMaxTs(timestamp);
    }
  }

  private synchronized @Nullable ConcurrencyManager keepUnlessBound(long timestamp) {
    if (Long.compareUnsigned(timestamp, raisedBefore) > 0) {
      raisedBefore = timestamp;
    }
    return manager;
  }

  @Override
  public Optional<LockInfo> memoryLock(long regionId, long startTs, List<KeyRange> ranges) {
    ConcurrencyManager bound = manager;
    if (bound == null) {
      return Optional.empty();
    }
    AtomicReference<LockInfo> blocking = new AtomicReference<>();
    for (KeyRange range : ranges) {
      bound.checkRange(
          range.start(),
          range.end(),
          (key, lock) -> {
            if (blocks(lock, startTs)) {
              blocking.compareAndSet(null, LockInfos.of(KeyCodec.decode(key), lock));
            }
          });
    }
    return Optional.ofNullable(blocking.get());
  }

  /** Only a commit that may land at or below the read's timestamp must be waited for. */
  private static boolean blocks(Lock lock, long startTs) {
    return Long.compareUnsigned(lock.startTs(), startTs) <= 0
        && Long.compareUnsigned(lock.minCommitTs(), startTs) <= 0;
  }
}
