package io.rutile.server.node;

import io.rutile.base.clock.Clock;
import io.rutile.base.clock.Randoms;
import io.rutile.base.clock.ThreadTimers;
import io.rutile.base.error.CorruptionException;
import io.rutile.base.error.RutileException;
import io.rutile.base.metric.MetricRegistry;
import io.rutile.base.thread.Fatal;
import io.rutile.client.pd.GrpcPdClient;
import io.rutile.client.pd.PdClient;
import io.rutile.client.pd.TsoRange;
import io.rutile.engine.api.KvEngine;
import io.rutile.engine.raftlog.SegmentRaftLog;
import io.rutile.engine.rocks.RocksKvEngine;
import io.rutile.proto.metapb.StoreLabel;
import io.rutile.rpc.channel.ChannelOptions;
import io.rutile.rpc.channel.ChannelPool;
import io.rutile.rpc.http.HttpServer;
import io.rutile.rpc.netty.EventLoops;
import io.rutile.rpc.server.OnePortServer;
import io.rutile.rpc.tls.TlsIdentity;
import io.rutile.server.config.LiveConfig;
import io.rutile.server.config.TikvConfig;
import io.rutile.server.resolvedts.ResolvedTs;
import io.rutile.server.service.StoreServices;
import io.rutile.server.status.Readiness;
import io.rutile.server.status.StatusRoutes;
import io.rutile.store.Store;
import io.rutile.store.StoreOptions;
import io.rutile.store.rowcache.RowCache;
import io.rutile.store.rowcache.RowCachingEngine;
import io.rutile.store.transport.GrpcRaftTransport;
import io.rutile.txn.pool.TaskPools;
import io.rutile.txn.scheduler.EngineFlowControl;
import io.rutile.txn.storage.StorageOptions;
import io.rutile.txn.storage.TxnStorage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running store: everything from the disk to the ports.
 *
 * <p>Start order, each part standing on those before it: ports (so that the addresses to register
 * are known; calls are UNIMPLEMENTED and health is NOT_SERVING until the end), PD client, data
 * engine and Raft log, store, transactions, services, status pages. Stop is the reverse: new calls
 * are refused first, calls under way are answered, then the layers below close, so that nothing is
 * acknowledged that is not durable, and no thread is left.
 *
 * <p>{@link #start} and {@link #close} are called by one thread.
 */
public final class StoreNode implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StoreNode.class);

  /** The TiKV release whose protocol and behaviour this store follows, as it tells PD. */
  public static final String TIKV_VERSION = "8.5.0";

  private static final String TRANSPORT = "grpc-server";
  private static final Duration PD_PATIENCE = Duration.ofSeconds(60);
  private static final int FORWARD_CONNECTIONS = 4;
  private static final int ROW_CACHE_SHARE_OF_HEAP = 16;
  private static final long ROW_CACHE_BYTES_MAX = 1L << 30;

  private final LiveConfig live;
  private final TikvConfig config;
  private final Fatal fatal;
  private final Clock clock = Clock.system();
  private final MetricRegistry metrics = new MetricRegistry();
  private final Deque<AutoCloseable> started = new ArrayDeque<>();
  private String address = "";
  private String statusAddress = "";
  private long storeId;

  private StoreNode(LiveConfig live, Fatal fatal) {
    this.live = live;
    this.config = live.current();
    this.fatal = fatal;
  }

  /**
   * Starts a store and waits until it serves.
   *
   * @param live the configuration; items that change while running are followed
   * @param fatal ends the process when an owner thread of the store dies
   * @throws RutileException when a port is taken, PD does not answer, or the data cannot be used,
   *     with the reason; nothing is left running then
   */
  public static StoreNode start(LiveConfig live, Fatal fatal) {
    StoreNode node = new StoreNode(live, fatal);
    try {
      node.startParts();
      return node;
    } catch (IOException e) {
      node.close();
      throw StoreStartException.unusable(node.config.storage().dataDir(), e);
    } catch (CorruptionException e) {
      node.close();
      throw StoreStartException.damaged(node.config.storage().dataDir(), e);
    } catch (RuntimeException e) {
      node.close();
      throw e;
    }
  }

  private void startParts() throws IOException {
    Path data = Files.createDirectories(Path.of(config.storage().dataDir()));
    EventLoops loops = opened(EventLoops.create(TRANSPORT, config.server().transportThreads()));
    ThreadTimers timers = opened(new ThreadTimers("store-timer"));
    TlsIdentity tls = config.security().tls().map(f -> opened(TlsIdentity.load(f))).orElse(null);
    ChannelPool channels =
        opened(
            new ChannelPool(
                tls == null
                    ? ChannelOptions.DEFAULT
                    : ChannelOptions.DEFAULT.withTls(tls.clientContext())));

    OnePortServer server = listen(loops, channels, tls);
    Readiness readiness = new Readiness();
    AtomicReference<Store> opened = new AtomicReference<>();
    openStatusPort(loops, tls, readiness, opened);
    readiness.require("store_serving", () -> opened.get() != null);

    PdClient pd =
        opened(GrpcPdClient.connect(channels, config.pd().endpoints(), clock, PD_PATIENCE));
    ClientPdGateway gateway = opened(new ClientPdGateway(pd));
    RowCache rows = new RowCache(rowCacheBytes());
    KvEngine engine =
        new RowCachingEngine(opened(RocksKvEngine.open(config.engineDir(), config.rocks())), rows);
    metrics
        .gauge("rutile_row_cache_bytes", "Heap that kept rows take")
        .labels()
        .callback(rows::sizeBytes);
    SegmentRaftLog log =
        opened(SegmentRaftLog.open(config.raftLogDir(), config.raftEngine().raftLog()));

    ReplicationHooks hooks = new ReplicationHooks();
    LeadershipObserver leadership = new LeadershipObserver();
    ResolvedTs resolvedTs = new ResolvedTs(config.resolvedTsSettings());
    GrpcRaftTransport transport =
        new GrpcRaftTransport(
            channels,
            gateway,
            config.server().snapIoMaxBytesPerSec().bytes(),
            id -> {
              Store store = opened.get();
              if (store != null) {
                store.onStoreUnreachable(id);
              }
            });
    Store store =
        opened(
            Store.open(
                new StoreOptions(
                    config.raftstoreConfig(),
                    engine,
                    log,
                    gateway,
                    transport,
                    clock,
                    meta(),
                    config.storage().api(),
                    config.snapshotDir(),
                    Randoms.system().create("store").nextLong(),
                    new FileDiskSpace(
                        data,
                        config.raftstore().capacity().bytes(),
                        config.storage().reserveSpace().bytes(),
                        () -> engine.statistics().usedBytes() + log.usedBytes(),
                        clock),
                    hooks,
                    config.resolvedTs().enable()
                        ? List.of(leadership, resolvedTs)
                        : List.of(leadership),
                    metrics)));
    storeId = store.storeId();
    StoreAddresses addresses = new StoreAddresses(gateway);
    TxnStorage storage =
        opened(
            TxnStorage.start(
                new StorageOptions(
                    config.storageSettings(),
                    store,
                    engine,
                    count -> pd.tsoBatch(count).thenApply(TsoRange::last),
                    new GrpcDeadlockTransport(pd, addresses, channels),
                    clock,
                    timers,
                    TaskPools.threads(clock),
                    metrics)));
    hooks.bind(storage.concurrency());
    leadership.bind(storage);
    GcWiring.start(storage, store, pd, live);
    live.onChange(changed -> follow(storage, changed.storageSettings()));
    EngineFlowControl flow = storage.startFlowControl(config.flowControlSettings());
    live.onChange(changed -> flow.setSettings(changed.flowControlSettings()));
    if (config.resolvedTs().enable()) {
      resolvedTs.start(
          new ResolvedTs.Parts(
              store,
              storage.concurrency(),
              pd::tso,
              new GrpcLeaderChecks(channels, addresses),
              least -> pd.reportMinResolvedTs(storeId, least),
              TaskPools.threads(clock).create("resolved-ts", 1, Integer.MAX_VALUE),
              clock,
              timers,
              metrics));
      live.onChange(changed -> resolvedTs.setSettings(changed.resolvedTsSettings()));
      // Before the store is closed, whose snapshots it reads.
      started.push(resolvedTs);
    }
    serve(server, store, storage, engine, timers);
    readiness.require("store_healthy", () -> store.failure().isEmpty());
    opened.set(store);
    LOG.info("store {} serves at {}", storeId, address());
  }

  /** Heap for hot rows: little enough to leave the collector in peace. */
  private static long rowCacheBytes() {
    return Math.min(
        Runtime.getRuntime().maxMemory() / ROW_CACHE_SHARE_OF_HEAP, ROW_CACHE_BYTES_MAX);
  }

  private static void follow(TxnStorage storage, StorageOptions.Settings changed) {
    storage.setWriteLimits(
        changed.writes().pendingWriteThreshold(), changed.writes().memoryQuota());
    storage.setLockTimes(changed.locks());
  }

  private OnePortServer listen(EventLoops loops, ChannelPool channels, @Nullable TlsIdentity tls) {
    Endpoint endpoint = Endpoint.of(config.server().addr(), config.server().advertiseAddr());
    OnePortServer server =
        OnePortServer.builder()
            .address(endpoint.host(), endpoint.port())
            .eventLoops(loops)
            .tls(tls)
            .config(config.server().grpc())
            .onEventLoop()
            .notServingYet()
            .interceptor(
                StoreServices.forwarding(
                    endpoint.advertisedAt(endpoint.port()), channels, FORWARD_CONNECTIONS))
            .start();
    address = endpoint.advertisedAt(server.port());
    return opened(server);
  }

  private void openStatusPort(
      EventLoops loops,
      @Nullable TlsIdentity tls,
      Readiness readiness,
      AtomicReference<@Nullable Store> store) {
    if (config.server().statusAddr().isEmpty()) {
      return;
    }
    StatusRoutes routes =
        new StatusRoutes(
            metrics,
            readiness,
            live,
            id -> {
              Store serving = store.get();
              return serving == null ? Optional.empty() : serving.region(id);
            });
    Endpoint endpoint =
        Endpoint.of(config.server().statusAddr(), config.server().advertiseStatusAddr());
    HttpServer http =
        opened(HttpServer.start(loops, endpoint.host(), endpoint.port(), routes.router(), tls));
    statusAddress = endpoint.advertisedAt(http.port());
    started.push(routes::stop);
  }

  private io.rutile.proto.metapb.Store meta() {
    io.rutile.proto.metapb.Store.Builder meta =
        io.rutile.proto.metapb.Store.newBuilder()
            .setAddress(address)
            .setStatusAddress(statusAddress)
            .setVersion(TIKV_VERSION)
            .setStartTimestamp(clock.wallMillis() / 1000)
            .setDeployPath(Path.of(config.storage().dataDir()).toAbsolutePath().toString());
    config
        .server()
        .labels()
        .forEach(
            (key, value) -> meta.addLabels(StoreLabel.newBuilder().setKey(key).setValue(value)));
    return meta.build();
  }

  private void serve(
      OnePortServer server, Store store, TxnStorage storage, KvEngine engine, ThreadTimers timers) {
    StoreServices services =
        opened(
            new StoreServices(
                new StoreServices.Parts(
                    store,
                    storage,
                    engine,
                    config.storage().api(),
                    live,
                    metrics,
                    clock,
                    timers,
                    fatal,
                    TRANSPORT)));
    services.services().forEach(server::addService);
    server.setServing(true);
    // First of all to stop, although the port was opened early: no new calls, answers for the rest.
    started.push(
        () -> server.shutdown(live.current().server().gracefulShutdownTimeout().toMillis()));
  }

  private <T extends AutoCloseable> T opened(T part) {
    started.push(part);
    return part;
  }

  /** {@code host:port} that clients are told. */
  public String address() {
    return address;
  }

  /** {@code host:port} of the status port that others are told; empty when there is none. */
  public String statusAddress() {
    return statusAddress;
  }

  public long storeId() {
    return storeId;
  }

  /**
   * Stops everything that was started, in reverse order; a part that fails does not keep others.
   */
  @Override
  public void close() {
    while (!started.isEmpty()) {
      try {
        started.pop().close();
      } catch (Exception e) {
        LOG.warn("a part of the store did not stop cleanly", e);
      }
    }
  }
}
