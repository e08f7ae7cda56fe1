package io.rutile.txn.gate;

import java.util.List;

/** What a snapshot must guarantee. Which one applies follows from the request's context. */
public sealed interface ReadGuard {
  /** Linearizable read on the leader, by lease or read index. */
  record Leader() implements ReadGuard {}

  /**
   * Linearizable read on any replica. The leader raises its max_ts to {@code startTs} and refuses
   * with the lock when an in-memory lock covers {@code ranges}; startTs 0 skips that (raw reads).
   */
  record Replica(long startTs, List<KeyRange> ranges) implements ReadGuard {}

  /**
   * Read at {@code readTs} on any replica whose safe ts has passed it; data_is_not_ready otherwise.
   */
  record Stale(long readTs) implements ReadGuard {}

  ReadGuard LEADER = new Leader();

  /** An encoded key range, empty end meaning no bound. */
  record KeyRange(byte[] start, byte[] end) {}
}
