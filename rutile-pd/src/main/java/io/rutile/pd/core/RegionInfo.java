package io.rutile.pd.core;

import io.rutile.base.bytes.Bytes;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.PeerRole;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.metapb.RegionEpoch;
import io.rutile.proto.pdpb.PeerStats;
import io.rutile.proto.replicationmodepb.RegionReplicationStatus;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One region as its leader last reported it. Immutable.
 *
 * <p>A peer counts as learner while its role is Learner, and as voter in every other role, joint
 * ones included. The leader, once known, is one of the peers.
 */
public final class RegionInfo {
  private final Region meta;
  private final byte[] startKey;
  private final byte[] endKey;
  private final @Nullable Peer leader;
  private final long term;
  private final List<PeerStats> downPeers;
  private final List<Peer> pendingPeers;
  private final RegionFlow flow;
  private final RegionReplicationStatus replicationStatus;

  public RegionInfo(
      Region meta,
      @Nullable Peer leader,
      long term,
      List<PeerStats> downPeers,
      List<Peer> pendingPeers,
      RegionFlow flow,
      RegionReplicationStatus replicationStatus) {
    this.meta = meta;
    this.startKey = meta.getStartKey().toByteArray();
    this.endKey = meta.getEndKey().toByteArray();
    this.leader = leader;
    this.term = term;
    this.downPeers = downPeers;
    this.pendingPeers = pendingPeers;
    this.flow = flow;
    this.replicationStatus = replicationStatus;
  }

  /** A region of which only the metadata is known, as after a restart. */
  public static RegionInfo ofMeta(Region meta, @Nullable Peer leader) {
    return new RegionInfo(
        meta,
        leader,
        0,
        List.of(),
        List.of(),
        RegionFlow.NONE,
        RegionReplicationStatus.getDefaultInstance());
  }

  public long id() {
    return meta.getId();
  }

  public Region meta() {
    return meta;
  }

  /** Not to be changed. */
  public byte[] startKey() {
    return startKey;
  }

  /** Empty for "to the last key". Not to be changed. */
  public byte[] endKey() {
    return endKey;
  }

  public boolean contains(byte[] key) {
    return Bytes.inRange(key, startKey, endKey);
  }

  public RegionEpoch epoch() {
    return meta.getRegionEpoch();
  }

  public @Nullable Peer leader() {
    return leader;
  }

  public long leaderStoreId() {
    return leader == null ? 0 : leader.getStoreId();
  }

  /** Raft term of the report, 0 when unknown. */
  public long term() {
    return term;
  }

  public List<PeerStats> downPeers() {
    return downPeers;
  }

  public List<Peer> pendingPeers() {
    return pendingPeers;
  }

  public RegionFlow flow() {
    return flow;
  }

  /** Approximate size in MiB. */
  public long sizeMib() {
    return flow.sizeMib();
  }

  public RegionReplicationStatus replicationStatus() {
    return replicationStatus;
  }

  public List<Peer> peers() {
    return meta.getPeersList();
  }

  public @Nullable Peer peer(long peerId) {
    for (Peer peer : meta.getPeersList()) {
      if (peer.getId() == peerId) {
        return peer;
      }
    }
    return null;
  }

  public @Nullable Peer peerOnStore(long storeId) {
    for (Peer peer : meta.getPeersList()) {
      if (peer.getStoreId() == storeId) {
        return peer;
      }
    }
    return null;
  }

  public boolean isPending(long peerId) {
    for (Peer peer : pendingPeers) {
      if (peer.getId() == peerId) {
        return true;
      }
    }
    return false;
  }

  public boolean isDown(long peerId) {
    for (PeerStats stats : downPeers) {
      if (stats.getPeer().getId() == peerId) {
        return true;
      }
    }
    return false;
  }

  public static boolean isLearner(Peer peer) {
    return peer.getRole() == PeerRole.Learner;
  }

  public List<Peer> voters() {
    List<Peer> voters = new ArrayList<>(meta.getPeersCount());
    for (Peer peer : meta.getPeersList()) {
      if (!isLearner(peer)) {
        voters.add(peer);
      }
    }
    return voters;
  }

  public List<Peer> learners() {
    List<Peer> learners = new ArrayList<>(1);
    for (Peer peer : meta.getPeersList()) {
      if (isLearner(peer)) {
        learners.add(peer);
      }
    }
    return learners;
  }

  /** Whether a membership change is between its two steps. */
  public boolean inJointState() {
    for (Peer peer : meta.getPeersList()) {
      if (peer.getRole() == PeerRole.IncomingVoter || peer.getRole() == PeerRole.DemotingVoter) {
        return true;
      }
    }
    return false;
  }

  /** Whether no peer is down or pending, so that operators may touch the region. */
  public boolean isHealthy() {
    return downPeers.isEmpty() && pendingPeers.isEmpty();
  }

  public RegionInfo withLeader(Peer changed) {
    return new RegionInfo(meta, changed, term, downPeers, pendingPeers, flow, replicationStatus);
  }

  public RegionInfo withFlow(RegionFlow changed) {
    return new RegionInfo(meta, leader, term, downPeers, pendingPeers, changed, replicationStatus);
  }

  /** Whether the metadata, which is kept on disk, differs. */
  public boolean metaDiffers(RegionInfo other) {
    return !meta.equals(other.meta);
  }

  @Override
  public String toString() {
    return "region "
        + id()
        + " ["
        + Bytes.hex(startKey)
        + ", "
        + Bytes.hex(endKey)
        + ") epoch "
        + epoch().getConfVer()
        + "/"
        + epoch().getVersion();
  }
}
