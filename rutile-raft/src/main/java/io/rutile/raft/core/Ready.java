package io.rutile.raft.core;

import io.rutile.proto.eraftpb.Entry;
import io.rutile.proto.eraftpb.HardState;
import io.rutile.proto.eraftpb.Message;
import io.rutile.proto.eraftpb.Snapshot;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the driver of a node has to do next. Each thing appears in exactly one Ready: the node
 * counts it as handed over, and goes on at once; several Readys may be in flight.
 *
 * <p>The driver, for Readys in the order of their numbers:
 *
 * <ol>
 *   <li>sends {@link #messages()} at any time from now on;
 *   <li>writes {@link #snapshot()}, {@link #entries()} and {@link #hardState()} together, in Ready
 *       order. The entries replace any stored tail from the first one's index. When {@link
 *       #mustSync()} the write must reach the disk, otherwise losing it in a crash is harmless;
 *   <li>then sends {@link #persistedMessages()} and calls {@code RaftNode.onPersisted(number)}. A
 *       Ready without anything to write is durable as soon as all earlier ones are;
 *   <li>applies {@link #committedEntries()} in order and calls {@code RaftNode.advanceApplied}.
 *       They are durable already and need not wait for this Ready's write.
 * </ol>
 *
 * @param number counts from 1, without gaps
 * @param softState the new leader and role, null when unchanged
 * @param hardState the new term, vote and commit index, null when unchanged
 * @param readStates reads that were confirmed
 * @param entries to append to the log
 * @param snapshot replaces log and state machine, null when none; its index counts as applied only
 *     after {@code advanceApplied}
 * @param committedEntries to apply
 * @param messages may be sent at once
 * @param persistedMessages promises: to be sent only when this Ready is durable
 * @param mustSync false when nothing, or of the hard state only the commit index, changed
 * @param heartbeatRound number of the heartbeat round that {@link #messages()} starts, 0 for none.
 *     A driver that keeps leases by a real clock notes the time before it called {@code ready()};
 *     once {@code RaftNode.confirmedRound()} reaches this number a quorum had not heard of a newer
 *     leader at some moment after that time
 */
public record Ready(
    long number,
    @Nullable SoftState softState,
    @Nullable HardState hardState,
    List<ReadState> readStates,
    List<Entry> entries,
    @Nullable Snapshot snapshot,
    List<Entry> committedEntries,
    List<Message> messages,
    List<Message> persistedMessages,
    boolean mustSync,
    long heartbeatRound) {

  /** Whether there is anything to write. */
  public boolean hasWrites() {
    return hardState != null || snapshot != null || !entries.isEmpty();
  }
}
