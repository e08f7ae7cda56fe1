package io.rutile.txn.record;

/** What the lock family holds under a key: one transaction's lock or a container of shared ones. */
public sealed interface LockRecord permits Lock, SharedLocks {
  byte[] encode();
}
