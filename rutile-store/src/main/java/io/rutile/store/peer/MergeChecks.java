package io.rutile.store.peer;

import com.google.protobuf.InvalidProtocolBufferException;
import io.rutile.base.error.CorruptionException;
import io.rutile.proto.eraftpb.Entry;
import io.rutile.proto.eraftpb.EntryType;
import io.rutile.proto.metapb.PeerRole;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.raftcmdpb.AdminCmdType;
import io.rutile.proto.raftcmdpb.RaftCmdRequest;
import io.rutile.proto.raftserverpb.PeerState;
import io.rutile.raft.core.PeerProgress;
import io.rutile.raft.core.RaftNode;
import io.rutile.raft.core.RaftStatus;
import io.rutile.raft.tracker.ProgressState;
import io.rutile.store.apply.MergePlan;
import io.rutile.store.apply.PeerChanges;
import io.rutile.store.meta.RegionHandle;
import io.rutile.store.read.ReadView;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whether a leader may end its region by a merge now. Stateless.
 *
 * <p>The rules keep CommitMerge small and self-sufficient: it carries the entries that some peer
 * may lack, so all peers must nearly be there, and what is on its way to them must be plain writes.
 */
final class MergeChecks {
  /** Share of the largest entry that CommitMerge may take up with entries of the source. */
  private static final double ENTRIES_SHARE = 0.9;

  private MergeChecks() {}

  /** Why the region cannot be merged into {@code target} now, null when it can. */
  static @Nullable String refusal(Peer peer, Region target) {
    RaftNode node = peer.node();
    Region region = peer.image().region();
    if (!node.isLeader() || peer.appliedTerm() != node.term()) {
      return "the leader has not applied an entry of its term yet";
    }
    if (peer.state() != PeerState.Normal || peer.admin().epochChanging()) {
      return "another change is under way";
    }
    if (node.hasPendingConf() || PeerChanges.isJoint(region) || region.getIsInFlashback()) {
      return "a change of members or a flashback is under way";
    }
    if (!MergePlan.areNeighbours(region, target)) {
      return "they are not neighbours";
    }
    if (!onSameStores(region, target)) {
      return "their peers are not on the same stores";
    }
    RegionHandle handle = peer.store().directory().handle(target.getId());
    ReadView view = handle == null ? null : handle.view();
    if (view == null || !view.image().region().getRegionEpoch().equals(target.getRegionEpoch())) {
      return "the target is not at the epoch that was asked for";
    }
    return lag(peer, node.status());
  }

  static boolean onSameStores(Region a, Region b) {
    Map<Long, PeerRole> roles = new HashMap<>();
    a.getPeersList().forEach(member -> roles.put(member.getStoreId(), member.getRole()));
    if (a.getPeersCount() != b.getPeersCount()) {
      return false;
    }
    for (io.rutile.proto.metapb.Peer member : b.getPeersList()) {
      if (roles.get(member.getStoreId()) != member.getRole()) {
        return false;
      }
    }
    return true;
  }

  /** The last entry that every peer is known to have. */
  static long matchedByAll(RaftStatus status) {
    long matched = status.persisted();
    for (PeerProgress progress : status.progress()) {
      matched = Math.min(matched, progress.match());
    }
    return matched;
  }

  private static @Nullable String lag(Peer peer, RaftStatus status) {
    long maxGap = peer.store().config().peers().mergeMaxLogGap();
    long last = status.lastIndex();
    long matched = matchedByAll(status);
    long committed = status.commit();
    for (PeerProgress progress : status.progress()) {
      if (progress.state() == ProgressState.SNAPSHOT) {
        return "a peer is waiting for a snapshot";
      }
      committed = Math.min(committed, progress.committed());
    }
    if (status.persisted() < last) {
      return "the log is being written";
    }
    if (matched < peer.storage().firstIndex() - 1 || committed < peer.storage().firstIndex() - 1) {
      return "a peer lacks entries that are compacted";
    }
    if (last - matched > maxGap || last - committed > 2 * maxGap) {
      return "a peer is too far behind";
    }
    return obstacleIn(peer, committed + 1, last);
  }

  /** What in the log beyond the slowest peer's commit index stands in the way. */
  private static @Nullable String obstacleIn(Peer peer, long from, long to) {
    if (from > to) {
      return null;
    }
    long bytes = 0;
    for (Entry entry : peer.storage().entries(from, to + 1, Long.MAX_VALUE)) {
      bytes += entry.getSerializedSize();
      if (entry.getEntryType() != EntryType.EntryNormal || isAdmin(entry)) {
        return "a peer has yet to apply another change";
      }
    }
    return bytes > peer.store().config().log().entryMaxBytes() * ENTRIES_SHARE
        ? "too many bytes are on their way to a peer"
        : null;
  }

  private static boolean isAdmin(Entry entry) {
    if (entry.getData().isEmpty()) {
      return false;
    }
    try {
      RaftCmdRequest command = RaftCmdRequest.parseFrom(entry.getData());
      return command.hasAdminRequest()
          && command.getAdminRequest().getCmdType() != AdminCmdType.CompactLog;
    } catch (InvalidProtocolBufferException e) {
      throw new CorruptionException(
          "KV:Raftstore:Protobuf", "entry " + entry.getIndex() + " cannot be decoded", e);
    }
  }
}
