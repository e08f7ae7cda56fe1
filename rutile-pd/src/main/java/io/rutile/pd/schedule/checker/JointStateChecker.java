package io.rutile.pd.schedule.checker;

import io.rutile.pd.core.RegionInfo;
import io.rutile.pd.schedule.Proposal;
import io.rutile.pd.schedule.operator.Operator;
import io.rutile.pd.schedule.operator.OperatorKind;
import io.rutile.pd.schedule.operator.OperatorStep;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.PeerRole;
import java.util.ArrayList;
import java.util.List;

/** Ends a membership change that was left between its two steps. */
public final class JointStateChecker {
  private JointStateChecker() {}

  public static Proposal check(RegionInfo region) {
    if (!region.inJointState()) {
      return Proposal.nothing("no membership change is open");
    }
    List<Peer> promoted = new ArrayList<>();
    List<Peer> demoted = new ArrayList<>();
    long keeps = 0;
    boolean leaderGoes = false;
    for (Peer peer : region.peers()) {
      if (peer.getRole() == PeerRole.IncomingVoter) {
        promoted.add(peer);
      } else if (peer.getRole() == PeerRole.DemotingVoter) {
        demoted.add(peer);
        leaderGoes |= peer.getStoreId() == region.leaderStoreId();
      }
      boolean stays = peer.getRole() == PeerRole.Voter || peer.getRole() == PeerRole.IncomingVoter;
      keeps = keeps == 0 && stays ? peer.getStoreId() : keeps;
    }
    List<OperatorStep> steps = new ArrayList<>();
    if (leaderGoes && keeps != 0) {
      steps.add(new OperatorStep.MoveLeader(region.leaderStoreId(), keeps));
    }
    steps.add(new OperatorStep.LeaveJoint(promoted, demoted));
    return Proposal.of(new Operator("leave-joint-state", OperatorKind.REPLICA, region, steps));
  }
}
