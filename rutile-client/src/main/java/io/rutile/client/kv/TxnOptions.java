package io.rutile.client.kv;

/**
 * How a transaction commits and locks.
 *
 * @param asyncCommit commit is done when all prewrites are, without waiting for the commit of the
 *     primary
 * @param onePc commit in one request when all keys are in one region
 * @param lockTtlMillis after this long without an end, others may roll the transaction back
 */
public record TxnOptions(boolean asyncCommit, boolean onePc, long lockTtlMillis) {
  /** Two-phase commit, locks for 20 s. */
  public static final TxnOptions DEFAULT = new TxnOptions(false, false, 20_000);

  public static final TxnOptions ASYNC_COMMIT = new TxnOptions(true, false, 20_000);
  public static final TxnOptions ONE_PC = new TxnOptions(true, true, 20_000);
}
