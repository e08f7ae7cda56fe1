package io.rutile.txn.command;

import io.rutile.txn.gate.RegionSnapshot;
import io.rutile.txn.mvcc.ReadStatistics;

/**
 * What a command sees of the world while it is processed. The snapshot is closed by whoever made
 * the environment.
 *
 * @param snapshot the region, taken after the latches were
 * @param concurrency max_ts and the memory lock table
 * @param txnStatus recently finished transactions
 * @param statistics counts of what was read, added to by the command
 */
public record CommandEnv(
    RegionSnapshot snapshot,
    ConcurrencyView concurrency,
    TxnStatusView txnStatus,
    ReadStatistics statistics) {}
