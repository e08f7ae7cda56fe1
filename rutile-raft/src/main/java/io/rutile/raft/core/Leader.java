package io.rutile.raft.core;

import io.rutile.raft.readonly.LeaderLease;
import io.rutile.raft.readonly.ReadIndexQueue;
import io.rutile.raft.tracker.Progress;
import io.rutile.raft.tracker.Progress.Owed;
import io.rutile.raft.tracker.ProgressTable;

/** The state of one term of leadership. */
final class Leader implements Role {
  /** Index of the entry that began the term: what is committed from here on is of this term. */
  final long termStartIndex;

  final ProgressTable progress = new ProgressTable();
  final ReadIndexQueue reads = new ReadIndexQueue();
  final LeaderLease lease;

  int ticksSinceHeartbeat;
  int ticksSinceQuorumCheck;
  int ticksSinceTransfer;

  /** Target of a leadership transfer, 0 for none. */
  long transferee;

  /** A conf change may be in the log, unapplied, up to here. */
  long pendingConfIndex;

  long uncommittedBytes;

  /** Number of the last heartbeat round; rounds prove that no newer leader had a quorum. */
  long lastRound;

  /** A heartbeat round is to be sent with the next Ready. */
  boolean heartbeatOwed;

  /** Some progress may owe an append. */
  boolean appendsOwed;

  Leader(long termStartIndex, int leaseTicks) {
    this.termStartIndex = termStartIndex;
    this.lease = new LeaderLease(leaseTicks);
  }

  @Override
  public RaftRole kind() {
    return RaftRole.LEADER;
  }

  void owe(Progress to, Owed what) {
    to.owe(what);
    appendsOwed = true;
  }

  void oweAll(Owed what) {
    for (int i = 0; i < progress.size(); i++) {
      progress.at(i).owe(what);
    }
    appendsOwed = true;
  }
}
