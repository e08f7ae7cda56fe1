package io.rutile.server.node;

import io.rutile.client.pd.PdClient;
import io.rutile.proto.kvrpcpb.APIVersion;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.server.config.LiveConfig;
import io.rutile.store.RegionStatus;
import io.rutile.store.Store;
import io.rutile.txn.gc.GcWorker;
import io.rutile.txn.gc.SafePoints;
import io.rutile.txn.storage.TxnStorage;
import java.util.List;

/**
 * Gives garbage collection, and the deletion of expired raw keys, what they stand on: PD's safe
 * points, the regions that this store leads, and the configuration as it changes. Stateless.
 */
final class GcWiring {
  private GcWiring() {}

  static void start(TxnStorage storage, Store store, PdClient pd, LiveConfig live) {
    boolean keyspaces = live.current().storage().api() == APIVersion.V2;
    GcWorker worker =
        storage.startGc(
            () -> led(store),
            () ->
                keyspaces
                    ? pd.getGcSafePoint().thenCombine(pd.keyspaceGcSafePoints(), SafePoints::new)
                    : pd.getGcSafePoint().thenApply(SafePoints::ofCluster),
            live.current().gcSettings());
    live.onChange(config -> worker.setSettings(config.gcSettings()));
    storage
        .startTtlChecker(
            () -> led(store), live.current().storage().ttlCheckPollInterval().duration())
        .ifPresent(checker ->
            live.onChange(
                config -> checker.setInterval(config.storage().ttlCheckPollInterval().duration())));
  }

  private static List<GcWorker.LedRegion> led(Store store) {
    return store.regions().stream()
        .filter(RegionStatus::isLeader)
        .map(region ->
            new GcWorker.LedRegion(
                Context.newBuilder()
                    .setRegionId(region.region().getId())
                    .setRegionEpoch(region.region().getRegionEpoch())
                    .setPeer(region.peer())
                    .build(),
                region.region().getStartKey().toByteArray(),
                region.region().getEndKey().toByteArray(),
                region.appliedIndex()))
        .toList();
  }
}
