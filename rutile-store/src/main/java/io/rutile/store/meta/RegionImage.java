package io.rutile.store.meta;

import io.rutile.base.bytes.Bytes;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.PeerRole;
import io.rutile.proto.metapb.Region;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A region as of one epoch, seen by one store: an immutable value with the fields that hot paths
 * need already unpacked.
 */
public final class RegionImage {
  private final Region region;
  private final Peer self;
  private final byte[] start;
  private final byte[] end;

  /**
   * @param self this store's peer, which need not be a member (any more)
   */
  public RegionImage(Region region, Peer self) {
    this.region = region;
    this.self = self;
    this.start = region.getStartKey().toByteArray();
    this.end = region.getEndKey().toByteArray();
  }

  public Region region() {
    return region;
  }

  public Peer self() {
    return self;
  }

  public long id() {
    return region.getId();
  }

  public byte[] start() {
    return start;
  }

  public byte[] end() {
    return end;
  }

  public long version() {
    return region.getRegionEpoch().getVersion();
  }

  public long confVer() {
    return region.getRegionEpoch().getConfVer();
  }

  /** A region has peers once its peer here was founded, split off or restored from a snapshot. */
  public boolean initialized() {
    return region.getPeersCount() > 0;
  }

  public boolean contains(byte[] key) {
    return Bytes.inRange(key, start, end);
  }

  /** Whether the exclusive range end {@code key} (empty: no bound) lies within. */
  public boolean containsEnd(byte[] key) {
    if (key.length == 0) {
      return end.length == 0;
    }
    return Bytes.compare(key, start) > 0 && (end.length == 0 || Bytes.compare(key, end) <= 0);
  }

  public @Nullable Peer peer(long peerId) {
    for (Peer peer : region.getPeersList()) {
      if (peer.getId() == peerId) {
        return peer;
      }
    }
    return null;
  }

  public @Nullable Peer peerOnStore(long storeId) {
    for (Peer peer : region.getPeersList()) {
      if (peer.getStoreId() == storeId) {
        return peer;
      }
    }
    return null;
  }

  /** The same peer in a changed region; a changed role of the peer is taken over. */
  public RegionImage with(Region changed) {
    Peer member = self;
    for (Peer peer : changed.getPeersList()) {
      if (peer.getId() == self.getId()) {
        member = peer;
      }
    }
    return new RegionImage(changed, member);
  }

  /** Ids of all members. */
  public List<Long> peerIds() {
    return region.getPeersList().stream().map(Peer::getId).toList();
  }

  public static boolean isVoter(Peer peer) {
    return switch (peer.getRole()) {
      case Voter, IncomingVoter, DemotingVoter -> true;
      case Learner, UNRECOGNIZED -> false;
    };
  }

  public static boolean isLearner(Peer peer) {
    return peer.getRole() == PeerRole.Learner;
  }

  @Override
  public String toString() {
    return "region "
        + id()
        + " ["
        + Bytes.hex(start)
        + ", "
        + Bytes.hex(end)
        + ") version "
        + version()
        + " conf_ver "
        + confVer()
        + " peer "
        + self.getId();
  }
}
