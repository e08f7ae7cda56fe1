package io.rutile.store.peer;

import com.google.protobuf.UnsafeByteOperations;
import io.rutile.proto.eraftpb.Message;
import io.rutile.proto.eraftpb.MessageType;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.raftserverpb.ExtraMessage;
import io.rutile.proto.raftserverpb.RaftMessage;
import io.rutile.store.heartbeat.DiskSpace;
import io.rutile.store.meta.RegionImage;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Addresses a peer's messages. Owned by: store loop. Besides the region's members it knows those
 * that wrote to it, for a peer without data knows no members.
 */
final class PeerLinks {
  private final io.rutile.store.peer.Peer owner;
  private final PeerHost host;
  private final Map<Long, Peer> learnt = new HashMap<>();

  PeerLinks(io.rutile.store.peer.Peer owner, PeerHost host) {
    this.owner = owner;
    this.host = host;
  }

  void learn(Peer peer) {
    if (!owner.image().initialized() || owner.image().peer(peer.getId()) == null) {
      learnt.put(peer.getId(), peer);
    }
  }

  void forget() {
    learnt.clear();
  }

  @Nullable Peer find(long peerId) {
    Peer member = owner.image().peer(peerId);
    return member != null ? member : learnt.get(peerId);
  }

  void send(Message message) {
    Peer to = find(message.getTo());
    if (to == null) {
      return;
    }
    RaftMessage.Builder envelope = envelope(to).setMessage(message);
    if (mayCreatePeer(message)) {
      RegionImage image = owner.image();
      envelope
          .setStartKey(UnsafeByteOperations.unsafeWrap(image.start()))
          .setEndKey(UnsafeByteOperations.unsafeWrap(image.end()));
    }
    if (message.getMsgType() == MessageType.MsgSnapshot) {
      owner.snapshots().send(message, envelope.build());
    } else {
      host.send(envelope.build());
    }
  }

  /** Tells a peer that the region goes on without it. */
  void sendTombstone(Peer to) {
    host.send(envelope(to).setIsTombstone(true).build());
  }

  void sendExtra(Peer to, ExtraMessage extra) {
    host.send(envelope(to).setExtraMsg(extra).build());
  }

  RaftMessage.Builder envelope(Peer to) {
    RegionImage image = owner.image();
    RaftMessage.Builder envelope =
        RaftMessage.newBuilder()
            .setRegionId(image.id())
            .setFromPeer(image.self())
            .setToPeer(to)
            .setRegionEpoch(image.region().getRegionEpoch());
    DiskSpace.Usage usage = owner.store().disk().usage();
    if (usage != DiskSpace.Usage.NORMAL) {
      envelope.setDiskUsageValue(usage.ordinal());
    }
    return envelope;
  }

  /** Messages that make a store create the peer they are for. */
  static boolean mayCreatePeer(Message message) {
    return message.getMsgType() == MessageType.MsgRequestVote
        || message.getMsgType() == MessageType.MsgRequestPreVote
        || (message.getMsgType() == MessageType.MsgHeartbeat && message.getCommit() == 0);
  }
}
