package io.rutile.pd.meta;

import io.rutile.base.clock.Clock;
import io.rutile.engine.api.RaftLog;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * What a member's store is made of.
 *
 * @param memberId Raft id of this member, not 0
 * @param directory where the snapshot lies
 * @param log the durable log; closed with the store
 * @param tickMillis length of a Raft tick
 * @param electionTicks ticks of silence after which an election may start
 * @param snapshotEntries applied entries after which a snapshot is written and the log cut
 * @param random source of election jitter
 * @param fatal hears of a failure after which the store does nothing more
 */
public record MetaStoreOptions(
    long memberId,
    Path directory,
    RaftLog log,
    PeerTransport transport,
    Clock clock,
    long tickMillis,
    int electionTicks,
    long snapshotEntries,
    RandomGenerator random,
    Consumer<Throwable> fatal) {
  long electionTimeoutNanos() {
    return tickMillis * 1_000_000L * electionTicks;
  }
}
