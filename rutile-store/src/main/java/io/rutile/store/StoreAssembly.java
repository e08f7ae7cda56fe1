package io.rutile.store;

import io.rutile.proto.raftserverpb.RegionLocalState;
import io.rutile.store.loop.PeerStarts;
import io.rutile.store.loop.StoreAgents;
import io.rutile.store.meta.RegionDirectory;
import io.rutile.store.peer.StoreContext;
import io.rutile.store.read.SharedSnapshots;
import io.rutile.store.snapshot.SnapshotRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Puts a store together without starting threads: a simulator turns the agents itself, {@link
 * Store#open} gives each a thread.
 */
public record StoreAssembly(Store store, StoreAgents agents, RegionDirectory directory) {

  /** Reads the data, makes the store known to the placement driver and loads its peers. */
  public static StoreAssembly of(StoreOptions options) {
    try {
      Files.createDirectories(options.snapshotDir());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    long storeId = new StoreIdentity(options).establish();
    RegionDirectory directory = new RegionDirectory();
    StoreAgents.Tasks tasks = new StoreAgents.Tasks(options.config().pools().backgroundWorkers());
    StoreContext context =
        new StoreContext(
            storeId,
            options.config(),
            options.engine(),
            options.raftLog(),
            directory,
            new SharedSnapshots(options.engine()),
            options.pd(),
            options.disk(),
            new SnapshotRegistry(
                options.snapshotDir(),
                options.config().snapshots().maxConcurrentReceive(),
                options.config().snapshots().maxConcurrentSend()),
            options.hooks(),
            List.copyOf(options.observers()),
            options.clock(),
            new StoreMetrics(options.metrics()),
            new AtomicLong(),
            options.seed(),
            tasks);
    PeerStarts starts = new PeerStarts(storeId, options.engine(), options.raftLog(), directory);
    new SnapshotRecovery(options).run();
    StoreAgents agents = new StoreAgents(context, starts, options.transport(), tasks);
    for (RegionLocalState state : starts.stored()) {
      agents.load(state);
    }
    StoreIdentity.await(options.pd().putStore(options.meta().toBuilder().setId(storeId).build()));
    options.pd().onReconnected(agents::reportAgain);
    options.pd().onRegionOrders(agents::onOrder);
    return new StoreAssembly(
        new MultiRaftStore(context, agents, options.pd().clusterId()), agents, directory);
  }
}
