package io.rutile.txn.command;

import io.rutile.txn.record.Lock;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * What commands and reads need of the concurrency manager: the largest timestamp that was ever read
 * on this store, and the locks of commits under way, which are in memory before they are in the
 * engine. Safe for use by any thread.
 *
 * <p>The order that makes async commit correct: a reader raises max_ts, then checks memory locks,
 * then takes its snapshot; a writer takes the key's handle, then, in one step as readers see it,
 * reads max_ts and publishes the lock, then writes.
 */
public interface ConcurrencyView {
  /** Every read so far had a timestamp at or below this. */
  long maxTs();

  /**
   * Raises max_ts to at least {@code timestamp}; {@code TimeStamp.MAX} is ignored.
   *
   * @param exact whether the timestamp must not lie above the oracle's at all, rather than above
   *     its last known value plus the allowed drift
   * @throws io.rutile.txn.gate.RegionErrorException when the oracle cannot have given such a
   *     timestamp
   */
  void updateMaxTs(long timestamp, boolean exact);

  /**
   * Takes the handle of an encoded key. The caller holds the key's latch, so this does not wait
   * long.
   */
  Guard lockKey(byte[] encodedKey);

  /** Shows the lock published under an encoded key, if any, to {@code check}. */
  void checkKey(byte[] encodedKey, LockVisitor check);

  /** Shows every published lock in [start, end) in key order; an empty end means no bound. */
  void checkRange(byte[] encodedStart, byte[] encodedEnd, LockVisitor check);

  /** Looks at a lock that is in memory only; refuses the request by throwing. */
  @FunctionalInterface
  interface LockVisitor {
    /** Throws {@link io.rutile.txn.error.TxnException} when the lock blocks the caller. */
    void visit(byte[] encodedKey, Lock lock);
  }

  /** The handle of one key in the memory lock table; released after the write is applied. */
  interface Guard extends AutoCloseable {
    byte[] encodedKey();

    /**
     * Makes a lock out of max_ts and shows it to readers, in place of an earlier one of this
     * handle. To a reader that checks this key the two are one step: it sees the lock, or it has
     * raised max_ts before that was read here.
     *
     * @param maker makes the lock, its min_commit_ts above the max_ts that it is given; null
     *     publishes nothing
     * @return what {@code maker} made
     */
    @Nullable Lock publish(LongFunction<@Nullable Lock> maker);

    /** Takes the lock away from readers and gives the handle back. Idempotent. */
    @Override
    void close();
  }
}
