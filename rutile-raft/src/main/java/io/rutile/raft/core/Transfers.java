package io.rutile.raft.core;

import io.rutile.proto.eraftpb.MessageType;
import io.rutile.raft.tracker.Progress;
import io.rutile.raft.tracker.Progress.Owed;

/**
 * Handing over leadership (thesis 3.10): bring the target's log up to date, then tell it to stand
 * for election at once. Given up after an election timeout.
 */
final class Transfers {
  private final PeerState peer;

  Transfers(PeerState peer) {
    this.peer = peer;
  }

  void begin(Leader leader, long target) {
    Progress progress = leader.progress.get(target);
    if (progress == null
        || target == peer.id
        || target == leader.transferee
        || !peer.configuration.isVoter(target)) {
      return;
    }
    leader.transferee = target;
    leader.ticksSinceTransfer = 0;
    if (!tellIfCaughtUp(leader, progress)) {
      leader.owe(progress, Owed.APPEND);
    }
  }

  /** The target may have caught up. */
  void onAcknowledged(Leader leader, Progress progress) {
    if (progress.id() == leader.transferee) {
      tellIfCaughtUp(leader, progress);
    }
  }

  private boolean tellIfCaughtUp(Leader leader, Progress target) {
    if (target.match() != peer.log.lastIndex()) {
      return false;
    }
    leader.lease.revoke();
    peer.outbox.send(peer.message(MessageType.MsgTimeoutNow, target.id()).build());
    return true;
  }
}
