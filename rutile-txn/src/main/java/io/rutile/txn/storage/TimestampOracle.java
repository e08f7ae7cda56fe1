package io.rutile.txn.storage;

import java.util.concurrent.CompletionStage;

/** The cluster's source of timestamps. Safe for use by any thread; never blocks. */
@FunctionalInterface
public interface TimestampOracle {
  /** Allocates {@code count} consecutive timestamps; completes with the last, the largest. */
  CompletionStage<Long> allocate(int count);
}
