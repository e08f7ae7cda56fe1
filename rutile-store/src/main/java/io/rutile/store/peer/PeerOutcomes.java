package io.rutile.store.peer;

import io.rutile.proto.metapb.Region;
import io.rutile.proto.raftserverpb.PeerState;
import io.rutile.store.apply.AdminOutcome;
import io.rutile.store.loop.PeerCommand;
import io.rutile.store.loop.StoreCommand;
import io.rutile.store.meta.RegionHandle;
import io.rutile.store.meta.RegionImage;
import io.rutile.store.read.ReadView;
import java.util.List;

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
      case AdminOutcome.MergePrepared prepared -> {
        peer.changeImage(prepared.image());
        peer.setState(PeerState.Merging);
        peer.merge().onPrepared(prepared.state());
        report();
        yield true;
      }
      case AdminOutcome.MergeRolledBack rolledBack -> {
        peer.changeImage(rolledBack.image());
        peer.setState(PeerState.Normal);
        peer.merge().onRolledBack();
        report();
        yield true;
      }
      case AdminOutcome.Merged merged -> {
        onMerged(merged);
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

  private void report() {
    if (peer.isLeader()) {
      peer.orders().report();
    }
  }

  /** What was read in the source's range, and what is safe there, is not known to this region. */
  private void onMerged(AdminOutcome.Merged merged) {
    RegionHandle source = peer.store().directory().handle(merged.source().getId());
    ReadView view = source == null ? null : source.view();
    peer.safeTs().lower(view == null ? 0 : view.safeTs().get());
    peer.absorb(merged.image(), merged.source());
    peer.orders().onMerged();
    if (peer.isLeader()) {
      peer.leadership().maxTsBehind();
      peer.syncMaxTs();
    }
    report();
    peer.host().post(merged.source().getId(), new PeerCommand.Absorbed(merged.source().getId()));
  }

  private void onSplit(AdminOutcome.Split split) {
    int parts = split.plan().regions().size();
    RegionImage previous = peer.image();
    peer.changeImage(split.image());
    peer.reporter()
        .onMeasured(
            peer.reporter().approximateBytes() / parts, peer.reporter().approximateKeys() / parts);
    boolean leads = peer.isLeader();
    if (!split.created().isEmpty()) {
      found(split.created(), leads);
    }
    if (leads) {
      peer.orders().report();
      peer.store().pd().reportBatchSplit(split.plan().regions());
    }
    if (previous.version() >= split.image().version()) {
      throw new IllegalStateException("a split did not raise the version of " + previous);
    }
  }

  /**
   * The parts begin to live once the split is on disk: what they promise to others from then on
   * must not outlive the split that founded them.
   */
  private void found(List<Region> parts, boolean leads) {
    PeerHost host = peer.host();
    StoreContext store = peer.store();
    store
        .background()
        .accept(() -> {
          store.engine().syncWal();
          for (Region part : parts) {
            host.post(part.getId(), new StoreCommand.Found(part, leads));
          }
        });
  }
}
