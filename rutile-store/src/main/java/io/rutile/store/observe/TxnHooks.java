package io.rutile.store.observe;

import io.rutile.proto.kvrpcpb.LockInfo;
import io.rutile.txn.gate.ReadGuard.KeyRange;
import io.rutile.txn.gate.RegionTxnState;
import java.util.List;
import java.util.Optional;

/** What replication asks of transactions. Called on the store loop; must not block. */
public interface TxnHooks {
  /** State for a new leadership of the region. */
  RegionTxnState newTxnState(long regionId, long term);

  /** Makes sure that every later commit timestamp is above {@code timestamp}. */
  void raiseMaxTs(long timestamp);

  /**
   * A lock held in memory that blocks a read of {@code ranges} at {@code startTs}; the caller has
   * raised max_ts before.
   */
  Optional<LockInfo> memoryLock(long regionId, long startTs, List<KeyRange> ranges);

  /** Hooks of a store without transactions. */
  TxnHooks NONE =
      new TxnHooks() {
        @Override
        public RegionTxnState newTxnState(long regionId, long term) {
          return RegionTxnState.NONE;
        }

        @Override
        public void raiseMaxTs(long timestamp) {}

        @Override
        public Optional<LockInfo> memoryLock(long regionId, long startTs, List<KeyRange> ranges) {
          return Optional.empty();
        }
      };
}
