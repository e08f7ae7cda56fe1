package io.rutile.server.node;

import io.rutile.base.clock.Clock;
import io.rutile.base.clock.Randoms;
import io.rutile.base.clock.ThreadTimers;
import io.rutile.base.error.RutileException;
import io.rutile.base.metric.MetricRegistry;
import io.rutile.base.thread.Fatal;
import io.rutile.client.pd.GrpcPdClient;
import io.rutile.client.pd.PdClient;
import io.rutile.client.pd.TsoRange;
import io.rutile.engine.raftlog.SegmentRaftLog;
import io.rutile.engine.rocks.RocksKvEngine;
import io.rutile.proto.metapb.StoreLabel;
import io.rutile.rpc.channel.ChannelOptions;
import io.rutile.rpc.channel.ChannelPool;
import io.rutile.rpc.http.HttpServer;
import io.rutile.rpc.netty.EventLoops;
import io.rutile.rpc.server.OnePortServer;
import io.rutile.server.service.Storage;
import io.rutile.server.service.StoreServices;
import io.rutile.server.status.Readiness;
import io.rutile.server.status.StatusRoutes;
import io.rutile.store.Store;
import io.rutile.store.StoreOptions;
import io.rutile.store.transport.GrpcRaftTransport;
import io.rutile.txn.storage.StorageOptions;
import io.rutile.txn.storage.TxnStorage;
import java.io.IOException;
import java.io.UncheckedIOException;
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
  private static final long GRACE_MILLIS = 5_000;
  private static final int FORWARD_CONNECTIONS = 4;

  private final NodeConfig config;
  private final Fatal fatal;
  private final Clock clock = Clock.system();
  private final MetricRegistry metrics = new MetricRegistry();
  private final Deque<AutoCloseable> started = new ArrayDeque<>();
  private int port;
  private int statusPort;
  private long storeId;

  private StoreNode(NodeConfig config, Fatal fatal) {
    this.config = config;
    this.fatal = fatal;
  }

  /**
   * Starts a store and waits until it serves.
   *
   * @param fatal ends the process when an owner thread of the store dies
   * @throws RutileException when a port is taken, PD does not answer, or the data cannot be used,
   *     with the reason; nothing is left running then
   */
  public static StoreNode start(NodeConfig config, Fatal fatal) {
    StoreNode node = new StoreNode(config, fatal);
    try {
      node.startParts();
      return node;
    } catch (IOException e) {
      node.close();
      throw new UncheckedIOException(config.dataDir() + " cannot be used: " + e.getMessage(), e);
    } catch (RuntimeException e) {
      node.close();
      throw e;
    }
  }

  private void startParts() throws IOException {
    Path data = Files.createDirectories(config.dataDir());
    EventLoops loops = opened(EventLoops.create(TRANSPORT, config.transportThreads()));
    ThreadTimers timers = opened(new ThreadTimers("store-timer"));
    ChannelPool channels = opened(new ChannelPool(ChannelOptions.DEFAULT));

    OnePortServer server = listen(loops, channels);
    Readiness readiness = new Readiness();
    AtomicReference<Store> opened = new AtomicReference<>();
    NodeConfigPage page = new NodeConfigPage(config);
    openStatusPort(loops, readiness, page, opened);
    readiness.require("store_serving", () -> opened.get() != null);

    PdClient pd = opened(GrpcPdClient.connect(channels, config.pdEndpoints(), clock, PD_PATIENCE));
    ClientPdGateway gateway = opened(new ClientPdGateway(pd));
    RocksKvEngine engine = opened(RocksKvEngine.open(data.resolve("db"), config.rocks()));
    SegmentRaftLog log = opened(SegmentRaftLog.open(data.resolve("raft-engine"), config.raftLog()));

    ReplicationHooks hooks = new ReplicationHooks();
    LeadershipObserver leadership = new LeadershipObserver();
    GrpcRaftTransport transport =
        new GrpcRaftTransport(
            channels,
            gateway,
            config.raftstore().snapshots().ioMaxBytesPerSecond(),
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
                    config.raftstore(),
                    engine,
                    log,
                    gateway,
                    transport,
                    clock,
                    meta(),
                    config.storage().apiVersion(),
                    data.resolve("snap"),
                    Randoms.system().create("store").nextLong(),
                    new FileDiskSpace(
                        data,
                        config.disk().capacityBytes(),
                        config.disk().reservedBytes(),
                        () -> engine.statistics().usedBytes() + log.usedBytes(),
                        clock),
                    hooks,
                    List.of(leadership),
                    metrics)));
    storeId = store.storeId();
    TxnStorage storage =
        opened(
            TxnStorage.start(
                new StorageOptions(
                    config.storage(),
                    store,
                    engine,
                    count -> pd.tsoBatch(count).thenApply(TsoRange::last),
                    clock,
                    timers,
                    metrics)));
    hooks.bind(storage.concurrency());
    leadership.bind(storage);
    serve(server, store, storage, engine, page, timers);
    readiness.require("store_healthy", () -> store.failure().isEmpty());
    opened.set(store);
    LOG.info("store {} serves at {}", storeId, address());
  }

  private OnePortServer listen(EventLoops loops, ChannelPool channels) {
    OnePortServer server =
        OnePortServer.builder()
            .address(config.listen().host(), config.listen().port())
            .eventLoops(loops)
            .config(config.grpc())
            .onEventLoop()
            .interceptor(
                StoreServices.forwarding(
                    config.listen().advertisedAt(config.listen().port()),
                    channels,
                    FORWARD_CONNECTIONS))
            .start();
    server.setServing(false);
    port = server.port();
    opened(server);
    return server;
  }

  private void openStatusPort(
      EventLoops loops,
      Readiness readiness,
      NodeConfigPage page,
      AtomicReference<@Nullable Store> store) {
    StatusRoutes routes =
        new StatusRoutes(
            metrics,
            readiness,
            page,
            id -> {
              Store serving = store.get();
              return serving == null ? Optional.empty() : serving.region(id);
            },
            level -> {
              throw new IllegalArgumentException("the log level cannot be changed online");
            });
    HttpServer http =
        opened(
            HttpServer.start(
                loops, config.status().host(), config.status().port(), routes.router(), null));
    statusPort = http.port();
    started.push(routes::stop);
  }

  private io.rutile.proto.metapb.Store meta() {
    io.rutile.proto.metapb.Store.Builder meta =
        io.rutile.proto.metapb.Store.newBuilder()
            .setAddress(address())
            .setStatusAddress(statusAddress())
            .setVersion(TIKV_VERSION)
            .setStartTimestamp(clock.wallMillis() / 1000)
            .setDeployPath(config.dataDir().toAbsolutePath().toString());
    config
        .labels()
        .forEach(
            (key, value) -> meta.addLabels(StoreLabel.newBuilder().setKey(key).setValue(value)));
    return meta.build();
  }

  private void serve(
      OnePortServer server,
      Store store,
      TxnStorage storage,
      RocksKvEngine engine,
      NodeConfigPage page,
      ThreadTimers timers) {
    StoreServices services =
        opened(
            new StoreServices(
                new StoreServices.Parts(
                    store,
                    new Storage(storage.raw(), storage.txn()),
                    engine,
                    config.storage().apiVersion(),
                    page,
                    metrics,
                    clock,
                    timers,
                    fatal,
                    TRANSPORT)));
    services.services().forEach(server::addService);
    server.setServing(true);
    // First of all to stop, although the port was opened early: no new calls, answers for the rest.
    started.push(() -> server.shutdown(GRACE_MILLIS));
  }

  private <T extends AutoCloseable> T opened(T part) {
    started.push(part);
    return part;
  }

  /** {@code host:port} that clients are told. */
  public String address() {
    return config.listen().advertisedAt(port);
  }

  /** {@code host:port} of the status port that others are told. */
  public String statusAddress() {
    return config.status().advertisedAt(statusPort);
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
