package io.rutile.store.peer;

import io.rutile.base.clock.Clock;
import io.rutile.engine.api.KvEngine;
import io.rutile.engine.api.RaftLog;
import io.rutile.store.RaftstoreConfig;
import io.rutile.store.StoreMetrics;
import io.rutile.store.heartbeat.DiskSpace;
import io.rutile.store.heartbeat.PdGateway;
import io.rutile.store.meta.RegionDirectory;
import io.rutile.store.observe.RegionObserver;
import io.rutile.store.observe.TxnHooks;
import io.rutile.store.read.SharedSnapshots;
import io.rutile.store.snapshot.SnapshotRegistry;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * What all peers of a store share. Its parts are safe for use by any thread.
 *
 * @param cachedLogBytes bytes of Raft entries that all peers hold in memory
 * @param background runs a task that may block on one of the store's workers
 */
public record StoreContext(
    long storeId,
    RaftstoreConfig config,
    KvEngine engine,
    RaftLog raftLog,
    RegionDirectory directory,
    SharedSnapshots snapshots,
    PdGateway pd,
    DiskSpace disk,
    SnapshotRegistry snapshotRegistry,
    TxnHooks hooks,
    List<RegionObserver> observers,
    Clock clock,
    StoreMetrics metrics,
    AtomicLong cachedLogBytes,
    long seed,
    Consumer<Runnable> background) {}
