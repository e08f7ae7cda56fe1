package io.rutile.store;

import io.rutile.base.clock.Clock;
import io.rutile.base.metric.MetricRegistry;
import io.rutile.engine.api.KvEngine;
import io.rutile.engine.api.RaftLog;
import io.rutile.proto.kvrpcpb.APIVersion;
import io.rutile.store.heartbeat.DiskSpace;
import io.rutile.store.heartbeat.PdGateway;
import io.rutile.store.observe.RegionObserver;
import io.rutile.store.observe.TxnHooks;
import io.rutile.store.transport.RaftTransport;
import java.nio.file.Path;
import java.util.List;

/**
 * Everything a store is given. The engine, the log and the gateway belong to the caller, who closes
 * them after the store; the transport is closed by the store.
 *
 * @param meta the store as it registers itself: addresses, labels, version; its id is filled in
 * @param snapshotDir where snapshot files live; created when missing
 * @param seed of all randomness in the store (election jitter)
 * @param disk how full the disk is
 */
public record StoreOptions(
    RaftstoreConfig config,
    KvEngine engine,
    RaftLog raftLog,
    PdGateway pd,
    RaftTransport transport,
    Clock clock,
    io.rutile.proto.metapb.Store meta,
    APIVersion apiVersion,
    Path snapshotDir,
    long seed,
    DiskSpace disk,
    TxnHooks hooks,
    List<RegionObserver> observers,
    MetricRegistry metrics) {}
