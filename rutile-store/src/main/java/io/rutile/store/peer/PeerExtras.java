package io.rutile.store.peer;

import io.rutile.proto.raftserverpb.ExtraMessage;
import io.rutile.proto.raftserverpb.ExtraMessageType;
import io.rutile.proto.raftserverpb.RaftMessage;
import io.rutile.store.meta.Epochs;

/**
 * What peers of one region tell each other beside Raft. Owned by: store loop. Every such message
 * may be lost; those that this store does not know mean nothing.
 */
final class PeerExtras {
  private final Peer peer;

  PeerExtras(Peer peer) {
    this.peer = peer;
  }

  void on(RaftMessage message) {
    ExtraMessage extra = message.getExtraMsg();
    switch (extra.getType()) {
      case MsgWantRollbackMerge ->
          peer.merge().onWantRollback(message.getFromPeer(), extra.getIndex());
      case MsgCheckStalePeer -> answerForLife(message);
      case MsgCheckStalePeerResponse -> onAnswerForLife(message);
      case MsgHibernateRequest ->
          peer.hibernation().onRequest(message.getFromPeer().getId(), extra.getIndex());
      case MsgHibernateResponse ->
          peer.hibernation().onResponse(message.getFromPeer().getId(), extra.getIndex());
      case MsgRegionWakeUp -> peer.hibernation().wake();
      default -> {}
    }
  }

  /** Asks every other member whether this peer is still one, and its region still alive. */
  void askForLife() {
    ExtraMessage question =
        ExtraMessage.newBuilder().setType(ExtraMessageType.MsgCheckStalePeer).build();
    for (io.rutile.proto.metapb.Peer member : peer.image().region().getPeersList()) {
      if (member.getId() != peer.peerId()) {
        peer.links().sendExtra(member, question);
      }
    }
  }

  private void answerForLife(RaftMessage question) {
    if (peer.image().initialized()) {
      peer.links()
          .sendExtra(
              question.getFromPeer(),
              ExtraMessage.newBuilder()
                  .setType(ExtraMessageType.MsgCheckStalePeerResponse)
                  .addAllCheckPeers(peer.image().region().getPeersList())
                  .build());
    }
  }

  /** By a newer configuration this peer may be no member: then it goes. */
  private void onAnswerForLife(RaftMessage answer) {
    peer.hibernation().onSignOfLife(answer.getFromPeer().getId());
    boolean newer =
        answer.getRegionEpoch().getConfVer() > peer.image().confVer()
            && !Epochs.isStale(answer.getRegionEpoch(), peer.image().region().getRegionEpoch());
    boolean member =
        answer.getExtraMsg().getCheckPeersList().stream()
            .anyMatch(other -> other.getId() == peer.peerId());
    if (newer && !member) {
      peer.host().destroy(peer);
    }
  }
}
