package io.rutile.store.loop;

import io.rutile.engine.api.Cf;
import io.rutile.proto.eraftpb.Message;
import io.rutile.proto.eraftpb.MessageType;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.metapb.RegionEpoch;
import io.rutile.proto.raftserverpb.ExtraMessageType;
import io.rutile.proto.raftserverpb.PeerState;
import io.rutile.proto.raftserverpb.RaftMessage;
import io.rutile.proto.raftserverpb.RegionLocalState;
import io.rutile.store.meta.Epochs;
import io.rutile.store.meta.LocalKeys;
import io.rutile.store.meta.LocalRecords;
import io.rutile.store.meta.RegionImage;
import io.rutile.store.peer.Peer;
import io.rutile.store.peer.StoreContext;
import io.rutile.store.snapshot.SnapshotFiles;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Decides what a Raft message from another store means here before Raft sees it: for a living peer,
 * for one that has to be created, for one that is gone. Owned by: its store loop.
 *
 * <p>Peer ids only grow, and so do epochs, so old and new can always be told apart: a message for
 * an older peer id is answered with a tombstone, one for a newer id ends the peer that is here.
 */
final class MessageFilter {
  private static final int MAX_EARLY_VOTES = 100;

  /** What to do with a message. */
  enum Verdict {
    /** Hand it to the peer. */
    STEP,
    /** Create the peer, then hand it over. */
    CREATE,
    /** A snapshot whose range other regions here hold keys of: they have to give way first. */
    CROWDED,
    /** The peer here is outdated: it goes, and the sender will try again. */
    DESTROY,
    /** The region here was merged into another one elsewhere: the peer should know. */
    MERGED,
    /** The sender is outdated and should go. */
    SENDER_STALE,
    DROP
  }

  private final StoreContext store;
  private final Map<Long, RaftMessage> earlyVotes = new LinkedHashMap<>();

  MessageFilter(StoreContext store) {
    this.store = store;
  }

  Verdict judge(@Nullable Peer peer, RaftMessage message) {
    long toPeer = message.getToPeer().getId();
    if (peer == null) {
      return message.getIsTombstone() ? Verdict.DROP : judgeUnknown(message);
    }
    if (toPeer < peer.peerId()) {
      return Verdict.DROP;
    }
    RegionEpoch mine = peer.image().region().getRegionEpoch();
    if (toPeer > peer.peerId()) {
      return Epochs.isStale(message.getRegionEpoch(), mine) ? Verdict.DROP : Verdict.DESTROY;
    }
    if (message.getIsTombstone() && message.hasMergeTarget()) {
      return Epochs.isStale(message.getRegionEpoch(), mine) ? Verdict.DROP : Verdict.MERGED;
    }
    if (message.getIsTombstone()) {
      return Epochs.isStale(mine, message.getRegionEpoch()) ? Verdict.DESTROY : Verdict.DROP;
    }
    if (senderLeft(peer, message)) {
      return asksForLife(message) ? Verdict.SENDER_STALE : Verdict.DROP;
    }
    return message.getMessage().getMsgType() == MessageType.MsgSnapshot
        ? judgeSnapshot(peer, message.getMessage())
        : Verdict.STEP;
  }

  /** Written by somebody who, by a configuration newer than his, is no member. */
  private static boolean senderLeft(Peer peer, RaftMessage message) {
    RegionImage image = peer.image();
    return image.initialized()
        && message.getRegionEpoch().getConfVer() < image.confVer()
        && image.peer(message.getFromPeer().getId()) == null;
  }

  private Verdict judgeUnknown(RaftMessage message) {
    RegionLocalState buried = stored(message.getRegionId());
    if (buried != null) {
      if (buried.getState() != PeerState.Tombstone) {
        return Verdict.DROP;
      }
      long goneAt = buried.getRegion().getRegionEpoch().getConfVer();
      if (buried.hasMergeState() || message.getRegionEpoch().getConfVer() <= goneAt) {
        return asksForLife(message) ? Verdict.SENDER_STALE : Verdict.DROP;
      }
    }
    if (message.hasExtraMsg() || !mayCreate(message.getMessage())) {
      return Verdict.DROP;
    }
    if (overlaps(message)) {
      keepEarlyVote(message);
      return Verdict.DROP;
    }
    return Verdict.CREATE;
  }

  private @Nullable RegionLocalState stored(long regionId) {
    byte[] bytes = store.engine().get(Cf.RAFT, LocalKeys.regionState(regionId));
    return bytes == null ? null : LocalRecords.parse(RegionLocalState.parser(), bytes, "a region");
  }

  /** Says at which epoch a peer was removed from here, and by which merge, if it was one. */
  void describeGrave(long regionId, RaftMessage.Builder answer) {
    RegionLocalState buried = stored(regionId);
    if (buried == null) {
      return;
    }
    answer.setRegionEpoch(buried.getRegion().getRegionEpoch());
    if (buried.hasMergeState()) {
      answer.setMergeTarget(buried.getMergeState().getTarget());
    }
  }

  private static boolean mayCreate(Message message) {
    return isVote(message)
        || (message.getMsgType() == MessageType.MsgHeartbeat && message.getCommit() == 0);
  }

  /** Sent by a peer that has no leader and may not know why. */
  private static boolean asksForLife(RaftMessage message) {
    return isVote(message.getMessage())
        || (message.hasExtraMsg()
            && message.getExtraMsg().getType() == ExtraMessageType.MsgCheckStalePeer);
  }

  private static boolean isVote(Message message) {
    return message.getMsgType() == MessageType.MsgRequestVote
        || message.getMsgType() == MessageType.MsgRequestPreVote;
  }

  /** The range belongs to a region that is here: its split has not come this far yet. */
  private boolean overlaps(RaftMessage message) {
    byte[] start = message.getStartKey().toByteArray();
    byte[] end = message.getEndKey().toByteArray();
    return isVote(message.getMessage()) && !store.directory().overlapping(start, end).isEmpty();
  }

  private void keepEarlyVote(RaftMessage message) {
    if (earlyVotes.size() < MAX_EARLY_VOTES || earlyVotes.containsKey(message.getRegionId())) {
      earlyVotes.put(message.getRegionId(), message);
    }
  }

  /** The vote request that came before the split that founds the region. */
  @Nullable RaftMessage takeEarlyVote(long regionId) {
    return earlyVotes.remove(regionId);
  }

  /** When no other region here holds keys of the snapshot's range, that is reserved for it. */
  private Verdict judgeSnapshot(Peer peer, Message message) {
    Region region = SnapshotFiles.dataOf(message.getSnapshot()).getRegion();
    boolean member = false;
    for (var candidate : region.getPeersList()) {
      member |= candidate.getId() == peer.peerId();
    }
    if (!member) {
      return Verdict.DROP;
    }
    List<RegionImage> others = inTheWay(peer.regionId(), region);
    if (!others.isEmpty()) {
      boolean covered = others.stream().allMatch(other -> SnapshotClearing.covers(region, other));
      return covered ? Verdict.CROWDED : Verdict.DROP;
    }
    return store.directory().claimRange(new RegionImage(region, peer.image().self()))
        ? Verdict.STEP
        : Verdict.DROP;
  }

  /** Other regions here that hold keys of a region's range. */
  List<RegionImage> inTheWay(long regionId, Region region) {
    List<RegionImage> others =
        store
            .directory()
            .overlapping(region.getStartKey().toByteArray(), region.getEndKey().toByteArray());
    others.removeIf(image -> image.id() == regionId);
    return others;
  }
}
