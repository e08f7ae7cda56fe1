package io.rutile.raft.log;

import io.rutile.proto.eraftpb.Entry;
import io.rutile.proto.eraftpb.Snapshot;
import java.util.List;

/**
 * What the core reads of one peer's durable state. The core never writes: writes are handed out in
 * {@code Ready} and reported back by {@code RaftNode.onPersisted}; from that report on, and not
 * earlier, the entries must be readable here.
 *
 * <p>Called by the thread that owns the node, on the hot path: answers must come from memory in the
 * usual case (an entry cache), and the calls must not block for long.
 *
 * <p>The truncation point counts: {@code term(firstIndex() - 1)} is answered, so that an append at
 * the first index can be checked. It is term 0 at index 0 when the log begins at 1.
 */
public interface RaftStorage {
  /** Hard state and configuration as last persisted. Read once, when the node is made. */
  InitialState initialState();

  /**
   * Entries [low, high), at least one, stopping before the sum of their serialized sizes would
   * exceed {@code maxBytes}. {@code firstIndex() <= low < high <= lastIndex() + 1}.
   *
   * @throws CompactedException when {@code low < firstIndex()}
   * @throws UnavailableException when {@code high > lastIndex() + 1}
   */
  List<Entry> entries(long low, long high, long maxBytes);

  /**
   * Term of the entry, for indexes from {@code firstIndex() - 1} to {@code lastIndex()}.
   *
   * @throws CompactedException below that range
   * @throws UnavailableException above that range
   */
  long term(long index);

  /** First index kept; {@code lastIndex() + 1} when the log holds no entry. */
  long firstIndex();

  /** Last durable index; the snapshot's index when the log holds no entry. */
  long lastIndex();

  /**
   * A snapshot of the state machine for peer {@code to}, at {@code requestIndex} or later, where
   * that peer is a member. Its index is at least {@code firstIndex() - 1}.
   *
   * @throws SnapshotTemporarilyUnavailableException while it is being made; the core asks again
   *     when the peer next answers a heartbeat
   */
  Snapshot snapshot(long requestIndex, long to);
}
