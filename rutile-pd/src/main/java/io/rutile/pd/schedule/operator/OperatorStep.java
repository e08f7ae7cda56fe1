package io.rutile.pd.schedule.operator;

import com.google.protobuf.ByteString;
import io.rutile.base.bytes.Bytes;
import io.rutile.pd.core.RegionInfo;
import io.rutile.proto.eraftpb.ConfChangeType;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.PeerRole;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.pdpb.ChangePeer;
import io.rutile.proto.pdpb.ChangePeerV2;
import io.rutile.proto.pdpb.CheckPolicy;
import io.rutile.proto.pdpb.Merge;
import io.rutile.proto.pdpb.RegionHeartbeatResponse;
import io.rutile.proto.pdpb.SplitRegion;
import io.rutile.proto.pdpb.TransferLeader;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One thing that a region's leader does at PD's request. Immutable. */
public sealed interface OperatorStep {
  /** Whether the region, as reported, shows the step done. */
  boolean isFinished(RegionInfo region);

  /** How far the region's conf version has moved by this step, as the region shows it. */
  default long confVersionsChanged(RegionInfo region) {
    return 0;
  }

  /** Why the step can no longer succeed on the region as reported, or null. */
  default @Nullable String obstacle(RegionInfo region) {
    return null;
  }

  /** The order to the leader; null when nothing has to be sent. */
  RegionHeartbeatResponse.@Nullable Builder order(RegionInfo region);

  /** Whether the step moves data and so may take long. */
  default boolean isSlow() {
    return false;
  }

  /** Stores that get a new peer by this step. */
  default List<Long> receivingStores() {
    return List.of();
  }

  /** Stores that lose a peer by this step. */
  default List<Long> givingStores() {
    return List.of();
  }

  private static RegionHeartbeatResponse.Builder change(ConfChangeType type, Peer peer) {
    return RegionHeartbeatResponse.newBuilder()
        .setChangePeerV2(
            ChangePeerV2.newBuilder()
                .addChanges(ChangePeer.newBuilder().setChangeType(type).setPeer(peer)));
  }

  private static boolean isVoter(RegionInfo region, long storeId, long peerId) {
    Peer peer = region.peerOnStore(storeId);
    return peer != null && peer.getId() == peerId && peer.getRole() == PeerRole.Voter;
  }

  /** Leadership moves to the peer on {@code toStore}. */
  record MoveLeader(long fromStore, long toStore) implements OperatorStep {
    @Override
    public boolean isFinished(RegionInfo region) {
      return region.leaderStoreId() == toStore;
    }

    @Override
    public @Nullable String obstacle(RegionInfo region) {
      Peer peer = region.peerOnStore(toStore);
      if (peer == null) {
        return "peer does not exist on store " + toStore;
      }
      return RegionInfo.isLearner(peer) ? "peer on store " + toStore + " is a learner" : null;
    }

    @Override
    public RegionHeartbeatResponse.@Nullable Builder order(RegionInfo region) {
      Peer peer = region.peerOnStore(toStore);
      return peer == null
          ? null
          : RegionHeartbeatResponse.newBuilder()
              .setTransferLeader(TransferLeader.newBuilder().setPeer(peer).addPeers(peer));
    }

    @Override
    public String toString() {
      return "transfer leader from store " + fromStore + " to store " + toStore;
    }
  }

  /** A new peer begins as a learner. */
  record AddLearner(long store, long peerId) implements OperatorStep {
    @Override
    public boolean isFinished(RegionInfo region) {
      Peer peer = region.peerOnStore(store);
      return peer != null && peer.getId() == peerId && !region.isPending(peerId);
    }

    @Override
    public long confVersionsChanged(RegionInfo region) {
      Peer peer = region.peerOnStore(store);
      return peer != null && peer.getId() == peerId ? 1 : 0;
    }

    @Override
    public @Nullable String obstacle(RegionInfo region) {
      Peer peer = region.peerOnStore(store);
      return peer != null && peer.getId() != peerId
          ? "another peer " + peer.getId() + " exists on store " + store
          : null;
    }

    @Override
    public RegionHeartbeatResponse.@Nullable Builder order(RegionInfo region) {
      if (region.peerOnStore(store) != null) {
        return null;
      }
      return OperatorStep.change(
          ConfChangeType.AddLearnerNode,
          Peer.newBuilder().setId(peerId).setStoreId(store).setRole(PeerRole.Learner).build());
    }

    @Override
    public boolean isSlow() {
      return true;
    }

    @Override
    public List<Long> receivingStores() {
      return List.of(store);
    }

    @Override
    public String toString() {
      return "add learner peer " + peerId + " on store " + store;
    }
  }

  /** A learner becomes a voter. */
  record PromoteLearner(long store, long peerId) implements OperatorStep {
    @Override
    public boolean isFinished(RegionInfo region) {
      return isVoter(region, store, peerId);
    }

    @Override
    public long confVersionsChanged(RegionInfo region) {
      return isFinished(region) ? 1 : 0;
    }

    @Override
    public @Nullable String obstacle(RegionInfo region) {
      Peer peer = region.peerOnStore(store);
      return peer == null || peer.getId() != peerId
          ? "peer " + peerId + " does not exist on store " + store
          : null;
    }

    @Override
    public RegionHeartbeatResponse.@Nullable Builder order(RegionInfo region) {
      return OperatorStep.change(
          ConfChangeType.AddNode,
          Peer.newBuilder().setId(peerId).setStoreId(store).setRole(PeerRole.Voter).build());
    }

    @Override
    public String toString() {
      return "promote learner peer " + peerId + " on store " + store + " to voter";
    }
  }

  /** A peer leaves. */
  record RemovePeer(long store, long peerId) implements OperatorStep {
    @Override
    public boolean isFinished(RegionInfo region) {
      Peer peer = region.peerOnStore(store);
      return peer == null || peer.getId() != peerId;
    }

    @Override
    public long confVersionsChanged(RegionInfo region) {
      return isFinished(region) ? 1 : 0;
    }

    @Override
    public @Nullable String obstacle(RegionInfo region) {
      return region.leaderStoreId() == store ? "cannot remove leader peer" : null;
    }

    @Override
    public RegionHeartbeatResponse.@Nullable Builder order(RegionInfo region) {
      Peer peer = region.peer(peerId);
      return peer == null ? null : OperatorStep.change(ConfChangeType.RemoveNode, peer);
    }

    @Override
    public List<Long> givingStores() {
      return List.of(store);
    }

    @Override
    public String toString() {
      return "remove peer on store " + store;
    }
  }

  /** A change of several members at once begins: both configurations rule until it is left. */
  record EnterJoint(List<Peer> promoted, List<Peer> demoted) implements OperatorStep {
    @Override
    public boolean isFinished(RegionInfo region) {
      return changed(region) == promoted.size() + demoted.size();
    }

    private int changed(RegionInfo region) {
      int changed = 0;
      for (Peer peer : promoted) {
        Peer now = region.peer(peer.getId());
        changed +=
            now != null
                    && (now.getRole() == PeerRole.IncomingVoter || now.getRole() == PeerRole.Voter)
                ? 1
                : 0;
      }
      for (Peer peer : demoted) {
        Peer now = region.peer(peer.getId());
        changed +=
            now == null
                    || now.getRole() == PeerRole.DemotingVoter
                    || now.getRole() == PeerRole.Learner
                ? 1
                : 0;
      }
      return changed;
    }

    @Override
    public long confVersionsChanged(RegionInfo region) {
      return isFinished(region) ? promoted.size() + demoted.size() : 0;
    }

    @Override
    public RegionHeartbeatResponse.@Nullable Builder order(RegionInfo region) {
      ChangePeerV2.Builder change = ChangePeerV2.newBuilder();
      for (Peer peer : promoted) {
        change.addChanges(
            ChangePeer.newBuilder()
                .setChangeType(ConfChangeType.AddNode)
                .setPeer(peer.toBuilder().setRole(PeerRole.Voter)));
      }
      for (Peer peer : demoted) {
        change.addChanges(
            ChangePeer.newBuilder()
                .setChangeType(ConfChangeType.AddLearnerNode)
                .setPeer(peer.toBuilder().setRole(PeerRole.Learner)));
      }
      return RegionHeartbeatResponse.newBuilder().setChangePeerV2(change);
    }

    @Override
    public String toString() {
      return "enter joint state, promote "
          + JointText.stores(promoted)
          + ", demote "
          + JointText.stores(demoted);
    }
  }

  /** The new configuration alone rules from now on. */
  record LeaveJoint(List<Peer> promoted, List<Peer> demoted) implements OperatorStep {
    @Override
    public boolean isFinished(RegionInfo region) {
      return !region.inJointState();
    }

    @Override
    public long confVersionsChanged(RegionInfo region) {
      return isFinished(region) ? promoted.size() + demoted.size() : 0;
    }

    @Override
    public @Nullable String obstacle(RegionInfo region) {
      Peer leader = region.leader();
      Peer now = leader == null ? null : region.peer(leader.getId());
      return now != null && now.getRole() == PeerRole.DemotingVoter
          ? "cannot demote leader peer"
          : null;
    }

    @Override
    public RegionHeartbeatResponse.@Nullable Builder order(RegionInfo region) {
      return RegionHeartbeatResponse.newBuilder()
          .setChangePeerV2(ChangePeerV2.getDefaultInstance());
    }

    @Override
    public String toString() {
      return "leave joint state, promote "
          + JointText.stores(promoted)
          + ", demote "
          + JointText.stores(demoted);
    }
  }

  /** The region is merged into its neighbour. The neighbour has the same step, passive. */
  record MergeRegion(Region from, Region into, boolean passive) implements OperatorStep {
    @Override
    public boolean isFinished(RegionInfo region) {
      return passive
          && (!region.meta().getStartKey().equals(into.getStartKey())
              || !region.meta().getEndKey().equals(into.getEndKey()))
          && region.epoch().getVersion() > into.getRegionEpoch().getVersion();
    }

    @Override
    public RegionHeartbeatResponse.@Nullable Builder order(RegionInfo region) {
      return passive
          ? null
          : RegionHeartbeatResponse.newBuilder().setMerge(Merge.newBuilder().setTarget(into));
    }

    @Override
    public boolean isSlow() {
      return true;
    }

    @Override
    public String toString() {
      return "merge region " + from.getId() + " into region " + into.getId();
    }
  }

  /** The region splits; it is done when its range has changed. */
  record SplitInto(byte[] startKey, byte[] endKey, CheckPolicy policy, List<byte[]> keys)
      implements OperatorStep {
    @Override
    public boolean isFinished(RegionInfo region) {
      return Bytes.compare(startKey, region.startKey()) != 0
          || Bytes.compare(endKey, region.endKey()) != 0;
    }

    @Override
    public RegionHeartbeatResponse.@Nullable Builder order(RegionInfo region) {
      SplitRegion.Builder split = SplitRegion.newBuilder().setPolicy(policy);
      keys.forEach(key -> split.addKeys(ByteString.copyFrom(key)));
      return RegionHeartbeatResponse.newBuilder().setSplitRegion(split);
    }

    @Override
    public String toString() {
      return "split region with policy " + policy;
    }
  }
}
