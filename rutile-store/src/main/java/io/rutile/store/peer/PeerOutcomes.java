package io.rutile.store.peer;

import io.rutile.proto.metapb.Region;
import io.rutile.store.apply.AdminOutcome;
import io.rutile.store.loop.StoreCommand;
import io.rutile.store.meta.RegionImage;

/**
 * Carries over to the peer what an applied admin command changed. Owned by: store loop. The apply
 * worker has stored the change before; here the images in memory follow.
 */
final class PeerOutcomes {
  private final Peer peer;

  PeerOutcomes(Peer peer) {
    this.peer = peer;
  }

  /** Returns whether readers have to see the peer anew. */
  boolean handle(AdminOutcome outcome) {
    return switch (outcome) {
      case AdminOutcome.Refused refused -> refused.error() != null;
      case AdminOutcome.LogCompacted compacted -> {
        peer.orders().onLogCut(compacted.truncatedIndex(), compacted.truncatedTerm());
        yield false;
      }
      case AdminOutcome.PeersChanged changed -> {
        onPeersChanged(changed);
        yield true;
      }
      case AdminOutcome.Split split -> {
        onSplit(split);
        yield true;
      }
      case AdminOutcome.FlashbackChanged flashback -> {
        peer.changeImage(flashback.image());
        yield true;
      }
    };
  }

  private void onPeersChanged(AdminOutcome.PeersChanged changed) {
    if (changed.error() != null) {
      return;
    }
    RegionImage before = peer.image();
    peer.changeImage(changed.image());
    peer.node().applyConfChange(changed.change());
    if (peer.isLeader()) {
      for (var member : before.region().getPeersList()) {
        if (member.getId() != peer.peerId() && changed.image().peer(member.getId()) == null) {
          peer.links().sendTombstone(member);
        }
      }
    }
    peer.reporter().onPeersChanged(changed.image().region(), peer.host().turnNanos());
    if (peer.isLeader()) {
      peer.orders().report();
    }
    if (changed.image().peer(peer.peerId()) == null) {
      peer.host().destroy(peer);
    }
  }

  private void onSplit(AdminOutcome.Split split) {
    int parts = split.plan().regions().size();
    RegionImage previous = peer.image();
    peer.changeImage(split.image());
    peer.reporter()
        .onMeasured(
            peer.reporter().approximateBytes() / parts, peer.reporter().approximateKeys() / parts);
    boolean leads = peer.isLeader();
    for (Region part : split.created()) {
      peer.host().post(part.getId(), new StoreCommand.Found(part, leads));
    }
    if (leads) {
      peer.orders().report();
      peer.store().pd().reportBatchSplit(split.plan().regions());
    }
    if (previous.version() >= split.image().version()) {
      throw new IllegalStateException("a split did not raise the version of " + previous);
    }
  }
}
