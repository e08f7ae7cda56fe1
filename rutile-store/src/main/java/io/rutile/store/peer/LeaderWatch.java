package io.rutile.store.peer;

import io.rutile.proto.metapb.Region;
import io.rutile.store.RaftstoreConfig;
import io.rutile.store.loop.PeerCommand;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches for a peer that nobody leads any more, because it was removed, or its region merged away,
 * while it could not hear of it. Owned by: store loop.
 *
 * <p>When no leader was known for the length of a check, the other members are asked; after {@code
 * max-leader-missing-duration} the placement driver is. A peer that is no member any more goes with
 * its data.
 */
final class LeaderWatch {
  private static final Logger LOG = LoggerFactory.getLogger(LeaderWatch.class);

  private final Peer peer;
  private final long checkTicks;
  private final long maxMissingTicks;
  private long missingTicks;

  LeaderWatch(Peer peer) {
    this.peer = peer;
    RaftstoreConfig config = peer.store().config();
    this.checkTicks = PeerOrders.ticksOf(config, config.peers().staleCheck());
    this.maxMissingTicks = PeerOrders.ticksOf(config, config.peers().maxLeaderMissing());
  }

  void tick() {
    if (peer.node().leaderId() != 0) {
      missingTicks = 0;
      return;
    }
    missingTicks++;
    if (missingTicks % checkTicks != 0) {
      return;
    }
    peer.extras().askForLife();
    if (missingTicks >= maxMissingTicks) {
      askDriver();
    }
  }

  private void askDriver() {
    long regionId = peer.regionId();
    PeerHost host = peer.host();
    LOG.warn("{}: has had no leader for long, the placement driver is asked", peer.image());
    peer.store()
        .pd()
        .regionById(regionId)
        .thenAccept(found -> host.post(regionId, new PeerCommand.Located(regionId, found)));
  }

  /** What the placement driver knows of the region. */
  void onLocated(Optional<Region> found) {
    if (missingTicks == 0 || found.isEmpty()) {
      return; // a region that PD does not know at all may have merged: the members know
    }
    Region region = found.get();
    boolean member =
        region.getPeersList().stream().anyMatch(other -> other.getId() == peer.peerId());
    if (!member && region.getRegionEpoch().getConfVer() > peer.image().confVer()) {
      LOG.info("{}: was removed while it could not hear of it", peer.image());
      peer.host().destroy(peer);
    }
  }
}
