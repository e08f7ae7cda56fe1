package io.rutile.store.apply;

import io.rutile.base.error.ErrorCategory;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.PeerRole;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.raftcmdpb.AdminRequest;
import io.rutile.proto.raftcmdpb.ChangePeerRequest;
import io.rutile.txn.gate.RegionErrorException;
import io.rutile.txn.gate.RegionErrors;
import java.util.ArrayList;
import java.util.List;

/**
 * What a configuration change does to a region's peer list, as a pure function: the same on every
 * peer. No change at all means to leave the joint state, one change is simple, several enter the
 * joint state.
 */
public final class PeerChanges {
  private PeerChanges() {}

  /** The changes that an admin command of either version asks for. */
  public static List<ChangePeerRequest> of(AdminRequest admin) {
    return admin.hasChangePeerV2()
        ? admin.getChangePeerV2().getChangesList()
        : List.of(admin.getChangePeer());
  }

  /**
   * The region after the changes.
   *
   * @throws RegionErrorException when the region's peers do not allow them
   */
  public static Region apply(Region region, List<ChangePeerRequest> changes) {
    List<Peer> peers = new ArrayList<>(region.getPeersList());
    long steps;
    if (changes.isEmpty()) {
      steps = leaveJoint(region, peers);
    } else {
      if (isJoint(region)) {
        throw refused(region, "it is in a joint state, which must be left first");
      }
      boolean joint = changes.size() > 1;
      for (ChangePeerRequest change : changes) {
        change(region, peers, change, joint);
      }
      steps = changes.size();
    }
    return region.toBuilder()
        .clearPeers()
        .addAllPeers(peers)
        .setRegionEpoch(
            region.getRegionEpoch().toBuilder()
                .setConfVer(region.getRegionEpoch().getConfVer() + steps))
        .build();
  }

  /** Whether some peer is on its way into or out of the voters. */
  public static boolean isJoint(Region region) {
    for (Peer peer : region.getPeersList()) {
      if (peer.getRole() == PeerRole.IncomingVoter || peer.getRole() == PeerRole.DemotingVoter) {
        return true;
      }
    }
    return false;
  }

  private static long leaveJoint(Region region, List<Peer> peers) {
    long steps = 0;
    for (int i = 0; i < peers.size(); i++) {
      Peer peer = peers.get(i);
      switch (peer.getRole()) {
        case IncomingVoter -> {
          peers.set(i, peer.toBuilder().setRole(PeerRole.Voter).build());
          steps++;
        }
        case DemotingVoter -> {
          peers.set(i, peer.toBuilder().setRole(PeerRole.Learner).build());
          steps++;
        }
        case Voter, Learner, UNRECOGNIZED -> {}
      }
    }
    if (steps == 0) {
      throw refused(region, "it is not in a joint state, so there is none to leave");
    }
    return steps;
  }

  private static void change(
      Region region, List<Peer> peers, ChangePeerRequest change, boolean joint) {
    Peer wanted = change.getPeer();
    int at = indexOfStore(peers, wanted.getStoreId());
    switch (change.getChangeType()) {
      case AddNode -> {
        PeerRole role = joint ? PeerRole.IncomingVoter : PeerRole.Voter;
        if (at < 0) {
          peers.add(wanted.toBuilder().setRole(role).build());
        } else if (peers.get(at).getId() == wanted.getId()
            && peers.get(at).getRole() == PeerRole.Learner) {
          peers.set(at, peers.get(at).toBuilder().setRole(role).build());
        } else {
          throw refused(region, "store " + wanted.getStoreId() + " has a voter of it already");
        }
      }
      case AddLearnerNode -> {
        if (at < 0) {
          peers.add(wanted.toBuilder().setRole(PeerRole.Learner).build());
        } else if (peers.get(at).getId() == wanted.getId()
            && peers.get(at).getRole() == PeerRole.Voter) {
          PeerRole role = joint ? PeerRole.DemotingVoter : PeerRole.Learner;
          peers.set(at, peers.get(at).toBuilder().setRole(role).build());
        } else {
          throw refused(region, "store " + wanted.getStoreId() + " has a peer of it already");
        }
      }
      case RemoveNode -> {
        if (at < 0 || peers.get(at).getId() != wanted.getId()) {
          throw refused(region, "it has no peer " + wanted.getId() + " to remove");
        }
        if (joint && peers.get(at).getRole() == PeerRole.Voter) {
          throw refused(region, "a joint change must demote voter " + wanted.getId() + " first");
        }
        peers.remove(at);
      }
      case UNRECOGNIZED -> throw refused(region, "the type of change is unknown");
    }
  }

  private static int indexOfStore(List<Peer> peers, long storeId) {
    for (int i = 0; i < peers.size(); i++) {
      if (peers.get(i).getStoreId() == storeId) {
        return i;
      }
    }
    return -1;
  }

  private static RegionErrorException refused(Region region, String why) {
    return RegionErrors.message(
        "KV:Raftstore:Unknown",
        ErrorCategory.CALLER,
        "peers of region " + region.getId() + " cannot change so: " + why);
  }
}
