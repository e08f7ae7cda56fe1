package io.rutile.store.peer;

import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.metapb.Peer;
import io.rutile.store.heartbeat.DiskSpace;
import io.rutile.store.meta.RegionImage;
import io.rutile.txn.gate.RegionErrorException;
import io.rutile.txn.gate.RegionErrors;
import io.rutile.txn.gate.WriteBatchData.DiskFull;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a request's context must say for a region to serve it, in the order in which TiKV answers.
 * Stateless.
 */
public final class RequestChecks {
  private RequestChecks() {}

  /** Whether the request means this store at all. */
  public static @Nullable RegionErrorException store(Context context, long storeId) {
    long asked = context.getPeer().getStoreId();
    return asked == storeId ? null : RegionErrors.storeNotMatch(asked, storeId);
  }

  /** Peer, term and epoch. The list of current regions is the caller's to fill in. */
  static @Nullable RegionErrorException region(
      StoreContext store, Context context, long requestTerm, RegionImage image, long term) {
    long peerId = context.getPeer().getId();
    if (peerId != image.self().getId()) {
      return RegionErrors.mismatchPeerId(peerId, image.self().getId());
    }
    if (!image.initialized()) {
      return RegionErrors.regionNotInitialized(image.id());
    }
    if (requestTerm > 0 && term > requestTerm + 1) {
      return RegionErrors.staleCommand();
    }
    if (!context.hasRegionEpoch()) {
      return RegionErrors.missingEpoch();
    }
    if (context.getRegionEpoch().getVersion() != image.version()) {
      return epochNotMatch(store, context.getRegionEpoch().getVersion(), image);
    }
    return null;
  }

  static RegionErrorException epochNotMatch(StoreContext store, long asked, RegionImage image) {
    return RegionErrors.epochNotMatch(
        "asked for version " + asked + ", current " + image,
        store.directory().currentRegions(image, store.config().split().rightDerive()));
  }

  static @Nullable RegionErrorException flashback(RegionImage image, boolean allowed) {
    if (image.region().getIsInFlashback() && !allowed) {
      return RegionErrors.flashbackInProgress(image.id(), image.region().getFlashbackStartTs());
    }
    if (!image.region().getIsInFlashback() && allowed) {
      return RegionErrors.flashbackNotPrepared(image.id());
    }
    return null;
  }

  static RegionErrorException notLeader(RegionImage image, long leaderId) {
    Peer leader = leaderId == 0 ? null : image.peer(leaderId);
    return RegionErrors.notLeader(image.id(), leader);
  }

  static @Nullable RegionErrorException disk(StoreContext store, DiskFull allowed) {
    DiskSpace.Usage usage = store.disk().usage();
    boolean refused =
        switch (usage) {
          case NORMAL -> false;
          case ALMOST_FULL -> allowed == DiskFull.NOT_ALLOWED;
          case ALREADY_FULL -> allowed != DiskFull.ALREADY_FULL;
        };
    return refused
        ? RegionErrors.diskFull(
            List.of(store.storeId()),
            usage == DiskSpace.Usage.ALMOST_FULL ? "disk is almost full" : "disk is already full")
        : null;
  }
}
