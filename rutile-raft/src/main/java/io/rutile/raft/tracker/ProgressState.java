package io.rutile.raft.tracker;

/** How a leader sends entries to a peer. */
public enum ProgressState {
  /** Where the peer's log ends is not known: one append at a time. */
  PROBE,
  /** The logs match up to {@code match}: appends are pipelined within the inflight limits. */
  REPLICATE,
  /** The peer needs a snapshot, which has been sent: no appends. */
  SNAPSHOT
}
