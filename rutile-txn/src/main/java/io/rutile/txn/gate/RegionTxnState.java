package io.rutile.txn.gate;

/**
 * State of transactions that belongs to a region's leadership and is dropped or handed over with
 * it. Created by replication once per leadership; transactions attach what they need. The marker
 * keeps replication from knowing what a lock is.
 */
public interface RegionTxnState {
  /** State for snapshots that carry none: replicas, and regions without in-memory locks. */
  RegionTxnState NONE = new RegionTxnState() {};
}
