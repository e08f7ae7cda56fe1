package io.rutile.raft.core;

import io.rutile.raft.quorum.Vote;
import io.rutile.raft.quorum.VoteLookup;
import io.rutile.raft.quorum.VoteResult;
import io.rutile.raft.tracker.Progress;

/** What a leader does as time passes: heartbeats, giving up on transfers, stepping down. */
final class LeaderTimer {
  private final PeerState peer;
  private final Elections elections;

  LeaderTimer(PeerState peer, Elections elections) {
    this.peer = peer;
    this.elections = elections;
  }

  void tick(Leader leader) {
    if (++leader.ticksSinceHeartbeat >= peer.config.heartbeatTicks()) {
      leader.heartbeatOwed = true;
    }
    if (leader.transferee != 0 && ++leader.ticksSinceTransfer >= peer.config.electionTicks()) {
      leader.transferee = 0;
    }
    if (++leader.ticksSinceQuorumCheck >= peer.config.electionTicks()) {
      leader.ticksSinceQuorumCheck = 0;
      if (peer.config.checkQuorum() && !quorumWasActive(leader)) {
        elections.becomeFollower(peer.term(), 0);
      }
    }
  }

  /** Whether a quorum was heard of since the last check (thesis 6.2). Begins the next period. */
  private boolean quorumWasActive(Leader leader) {
    VoteLookup activity =
        id -> {
          Progress progress = leader.progress.get(id);
          boolean active = id == peer.id || (progress != null && progress.recentActive());
          return active ? Vote.YES : Vote.NO;
        };
    boolean active = peer.configuration.voters().vote(activity) == VoteResult.WON;
    for (int i = 0; i < leader.progress.size(); i++) {
      leader.progress.at(i).setRecentActive(false);
    }
    return active;
  }
}
