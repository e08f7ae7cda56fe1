package io.rutile.txn.scheduler;

import io.rutile.txn.command.TxnStatusView;

/**
 * Commit timestamps of recently committed transactions, in a table of fixed size: each start_ts has
 * {@link #WAYS} possible places, and a new entry drives out the oldest transaction there. Safe for
 * use by any thread.
 */
public final class TxnStatusCache implements TxnStatusView {
  private static final int WAYS = 4;
  private static final int LOCKS = 64;

  private final long[] startTs;
  private final long[] commitTs;
  private final int setMask;
  private final Object[] locks = new Object[LOCKS];

  /**
   * @param capacity number of transactions, rounded up to a power of two; 16 bytes each
   */
  public TxnStatusCache(int capacity) {
    int sets = Integer.highestOneBit(Math.max(1, 2 * (Math.max(capacity, WAYS) / WAYS) - 1));
    startTs = new long[sets * WAYS];
    commitTs = new long[sets * WAYS];
    setMask = sets - 1;
    for (int i = 0; i < LOCKS; i++) {
      locks[i] = new Object();
    }
  }

  @Override
  public long committedTs(long start) {
    int set = setOf(start);
    synchronized (locks[set % LOCKS]) {
      for (int i = set * WAYS; i < (set + 1) * WAYS; i++) {
        if (startTs[i] == start) {
          return commitTs[i];
        }
      }
      return 0;
    }
  }

  /** Remembers that the transaction {@code start} committed at {@code commit}. */
  public void committed(long start, long commit) {
    if (start == 0 || commit == 0) {
      return;
    }
    int set = setOf(start);
    synchronized (locks[set % LOCKS]) {
      int place = set * WAYS;
      for (int i = set * WAYS; i < (set + 1) * WAYS; i++) {
        if (startTs[i] == start) {
          place = i;
          break;
        }
        if (Long.compareUnsigned(startTs[i], startTs[place]) < 0) {
          place = i;
        }
      }
      startTs[place] = start;
      commitTs[place] = commit;
    }
  }

  private int setOf(long start) {
    long hash = start * 0x9E3779B97F4A7C15L;
    return (int) (hash >>> 32) & setMask;
  }
}
