package io.rutile.pd;

import io.rutile.base.clock.Clock;
import io.rutile.base.clock.Randoms;
import io.rutile.base.clock.ThreadTimers;
import io.rutile.base.metric.MetricRegistry;
import io.rutile.base.thread.Fatal;
import io.rutile.engine.raftlog.RaftLogConfig;
import io.rutile.engine.raftlog.SegmentRaftLog;
import io.rutile.pd.core.RegionFile;
import io.rutile.pd.etcd.EtcdAuthService;
import io.rutile.pd.etcd.EtcdClusterService;
import io.rutile.pd.etcd.EtcdKvService;
import io.rutile.pd.etcd.EtcdLeaseService;
import io.rutile.pd.etcd.EtcdMaintenanceService;
import io.rutile.pd.etcd.EtcdNode;
import io.rutile.pd.etcd.EtcdWatchService;
import io.rutile.pd.etcd.LeaderCalls;
import io.rutile.pd.http.AdminRoutes;
import io.rutile.pd.http.ClusterMetrics;
import io.rutile.pd.http.ClusterRoutes;
import io.rutile.pd.http.HotRoutes;
import io.rutile.pd.http.LeaderRedirect;
import io.rutile.pd.http.LeadershipRoutes;
import io.rutile.pd.http.Leading;
import io.rutile.pd.http.MemberRoutes;
import io.rutile.pd.http.OperatorRoutes;
import io.rutile.pd.http.RegionLabelRoutes;
import io.rutile.pd.http.RegionRoutes;
import io.rutile.pd.http.RuleRoutes;
import io.rutile.pd.http.SchedulerRoutes;
import io.rutile.pd.http.StoreRoutes;
import io.rutile.pd.member.LeaderCycle;
import io.rutile.pd.member.MemberDirectory;
import io.rutile.pd.member.MemberPublisher;
import io.rutile.pd.member.MemberSetup;
import io.rutile.pd.meta.MetaKv;
import io.rutile.pd.meta.MetaStoreOptions;
import io.rutile.pd.meta.RaftMetaStore;
import io.rutile.pd.peer.GrpcPeerTransport;
import io.rutile.pd.peer.JoinClient;
import io.rutile.pd.peer.PeerService;
import io.rutile.pd.service.Gate;
import io.rutile.pd.service.KeyspaceService;
import io.rutile.pd.service.MemberForwarding;
import io.rutile.pd.service.MetaStorageService;
import io.rutile.pd.service.PdService;
import io.rutile.pd.service.ResourceManagerService;
import io.rutile.proto.pdmetapb.MemberRecord;
import io.rutile.rpc.channel.ChannelOptions;
import io.rutile.rpc.channel.ChannelPool;
import io.rutile.rpc.http.Router;
import io.rutile.rpc.server.OnePortServer;
import io.rutile.rpc.tls.TlsIdentity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One PD member: the replicated store with its port for the other members, the cycle of leaderships
 * over it, and the port with gRPC and HTTP for clients. Embeddable; {@link #close} leaves no thread
 * behind.
 *
 * <p>A member that has others takes part as soon as it is started, and serves when it is elected; a
 * lone one serves when {@link #start} returns.
 */
public final class PdServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PdServer.class);

  private static final long TICK_MILLIS = 100;
  private static final int ELECTION_TICKS = 20;
  private static final long SNAPSHOT_ENTRIES = 10_000;
  private static final long START_MILLIS = 30_000;
  private static final long RESIGN_MILLIS = 1_000;
  private static final long SHUTDOWN_GRACE_MILLIS = 500;
  private static final RaftLogConfig LOG_CONFIG = new RaftLogConfig(4 << 20, 64 << 20, 2);
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);

  private final PdServerConfig config;
  private final Clock clock;
  private final MetricRegistry metrics;

  /** What runs, in the order in which it was started. */
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();

  private final @Nullable TlsIdentity tls;
  private final ChannelOptions channelOptions;
  private final String peerUrl;
  private final long memberId;
  private final RaftMetaStore store;
  private final MetaKv meta;
  private final LeaderCycle cycle;
  private final MemberPublisher publisher;
  private final int clientPort;
  private final String clientUrl;

  private PdServer(PdServerConfig config, Clock clock, MetricRegistry metrics, Fatal fatal) {
    this.config = config;
    this.clock = clock;
    this.metrics = metrics;
    try {
      Path directory = config.dataDir().resolve("pd");
      createDirectories(directory);
      this.tls = config.tls().map(TlsIdentity::load).orElse(null);
      if (tls != null) {
        opened(tls);
      }
      this.channelOptions =
          tls == null
              ? ChannelOptions.DEFAULT
              : ChannelOptions.DEFAULT.withTls(tls.clientContext());
      URI peerListen = URI.create(config.peerUrl());
      OnePortServer peerServer =
          opened(
              OnePortServer.builder()
                  .address(peerListen.getHost(), Math.max(0, peerListen.getPort()))
                  .tls(tls)
                  .onEventLoop()
                  .start());
      this.peerUrl = advertised(config.advertisePeerUrl(), peerListen, peerServer.port());
      MemberSetup setup = setup(directory);
      this.memberId = setup.memberId();
      GrpcPeerTransport transport =
          new GrpcPeerTransport(memberId, setup.groupId(), channelOptions);
      this.store = opened(openStore(directory, setup, transport, fatal));
      transport.attach(store);
      peerServer.addService(new PeerService(store, setup.groupId()));
      this.meta = new MetaKv(store);
      this.cycle =
          opened(
              new LeaderCycle(
                  clock,
                  meta,
                  store::isLeaseValid,
                  config.config(),
                  () -> new RegionFile(directory.resolve("region-meta")),
                  Randoms.system().create("pd-cluster-id")));
      URI clientListen = URI.create(config.clientUrl());
      OnePortServer server = opened(listen(clientListen, setup.groupId()));
      this.clientPort = server.port();
      String urls = advertised(config.advertiseClientUrl(), clientListen, clientPort);
      this.clientUrl = urls.split(",", -1)[0];
      this.publisher = opened(new MemberPublisher(store, transport, self(urls)));
    } catch (RuntimeException e) {
      closeParts();
      throw e;
    }
  }

  private <T extends AutoCloseable> T opened(T part) {
    parts.push(part);
    return part;
  }

  /** Starts with the machine's clock and a registry of its own; logs what ends it. */
  public static PdServer start(PdServerConfig config) {
    return start(
        config,
        Clock.system(),
        new MetricRegistry(),
        (reason, cause) -> LOG.error("{}", reason, cause));
  }

  /**
   * Starts a member and, when it is alone, waits until it serves.
   *
   * @param fatal hears when this member can do nothing more, since its store failed or since the
   *     others removed it
   * @throws io.rutile.base.error.RutileException when a port is taken, the data is not usable or
   *     the cluster to join refuses
   */
  public static PdServer start(
      PdServerConfig config, Clock clock, MetricRegistry metrics, Fatal fatal) {
    PdServer started = new PdServer(config, clock, metrics, fatal);
    started.publisher.start();
    started.cycle.start();
    if (started.store.members().size() == 1) {
      started.awaitServing();
    }
    return started;
  }

  private static void createDirectories(Path directory) {
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot create " + directory, e);
    }
  }

  private static String advertised(String given, URI listen, int port) {
    return given.isEmpty() ? listen.getScheme() + "://" + listen.getHost() + ":" + port : given;
  }

  private MemberSetup setup(Path directory) {
    return MemberSetup.establish(
        directory,
        config.name(),
        peerUrl,
        config.initialCluster(),
        !config.join().isEmpty(),
        () ->
            JoinClient.join(clock, channelOptions, config.join(), config.name(), List.of(peerUrl)));
  }

  private RaftMetaStore openStore(
      Path directory, MemberSetup setup, GrpcPeerTransport transport, Fatal fatal) {
    return new RaftMetaStore(
        new MetaStoreOptions(
            memberId,
            directory,
            SegmentRaftLog.open(directory.resolve("raft"), LOG_CONFIG),
            transport,
            clock,
            TICK_MILLIS,
            ELECTION_TICKS,
            SNAPSHOT_ENTRIES,
            Randoms.system().create("pd-election"),
            failure -> fatal.stop("PD member " + config.name() + " stops serving", failure)),
        setup.founding());
  }

  private MemberRecord self(String clientUrls) {
    return MemberRecord.newBuilder()
        .setId(memberId)
        .setName(config.name())
        .addPeerUrls(peerUrl)
        .addAllClientUrls(List.of(clientUrls.split(",", -1)))
        .setDeployPath(config.dataDir().toAbsolutePath().toString())
        .build();
  }

  private OnePortServer listen(URI address, long groupId) {
    ChannelPool channels = opened(new ChannelPool(channelOptions));
    MemberDirectory members = new MemberDirectory(meta, config.name(), memberId, cycle::clusterId);
    Gate gate = new Gate(cycle);
    EtcdNode etcd = new EtcdNode(store, memberId, groupId);
    return OnePortServer.builder()
        .address(address.getHost(), Math.max(0, address.getPort()))
        .tls(tls)
        .routes(routes(members))
        .interceptor(new MemberForwarding(store, memberId, channels))
        .service(new PdService(gate, members))
        .service(new KeyspaceService(gate))
        .interceptor(new LeaderCalls(etcd, channels))
        .service(new MetaStorageService(gate))
        .service(new ResourceManagerService(gate))
        .service(new EtcdClusterService(etcd, clock))
        .service(new EtcdKvService(etcd))
        .service(new EtcdLeaseService(etcd, Randoms.system().create("lease-ids").nextLong()))
        .service(new EtcdWatchService(etcd, opened(new ThreadTimers("etcd-progress"))))
        .service(new EtcdMaintenanceService(etcd, clock))
        .service(new EtcdAuthService(etcd))
        .start();
  }

  private Router routes(MemberDirectory members) {
    HttpClient.Builder client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT);
    if (tls != null) {
      client.sslContext(tls.httpClientContext());
    }
    HttpClient http = opened(client.build());
    LeaderRedirect redirect = new LeaderRedirect(members, http);
    Leading leading = new Leading(cycle, redirect);
    Router router = new Router();
    new MemberRoutes(
            cycle,
            members,
            redirect::answers,
            metrics,
            new ClusterMetrics(cycle, metrics),
            clock.wallMillis() / 1000)
        .addTo(router);
    new LeadershipRoutes(leading).addTo(router);
    new StoreRoutes(leading).addTo(router);
    new RegionRoutes(leading).addTo(router);
    new ClusterRoutes(leading).addTo(router);
    new RuleRoutes(leading).addTo(router);
    new RegionLabelRoutes(leading).addTo(router);
    new SchedulerRoutes(leading).addTo(router);
    new OperatorRoutes(leading).addTo(router);
    new HotRoutes(leading).addTo(router);
    new AdminRoutes(leading).addTo(router);
    return router;
  }

  /** Waits until this member leads and clients can learn of it. */
  private void awaitServing() {
    if (!await(() -> isLeader() && publisher.isPublished(), START_MILLIS)) {
      close();
      throw new IllegalStateException("PD member " + config.name() + " did not become leader");
    }
  }

  /**
   * Waits until one of the members leads and clients can learn of all of them.
   *
   * @throws IllegalStateException when that takes too long
   */
  public static void awaitGroup(List<PdServer> members) {
    boolean ready =
        await(
            () ->
                members.stream().allMatch(PdServer::isPublished)
                    && members.stream().anyMatch(PdServer::isLeader),
            START_MILLIS);
    if (!ready) {
      throw new IllegalStateException("the PD members elected no leader");
    }
  }

  private static boolean await(BooleanSupplier condition, long millis) {
    CountDownLatch never = new CountDownLatch(1);
    try {
      for (long waited = 0; waited < millis; waited += 10) {
        if (condition.getAsBoolean()) {
          return true;
        }
        never.await(10, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
  }

  /** Where clients reach this member: {@code http://host:port}. */
  public String clientUrl() {
    return clientUrl;
  }

  /** Where the other members reach this one. */
  public String peerUrl() {
    return peerUrl;
  }

  /** The port that gRPC and HTTP listen on. */
  public int clientPort() {
    return clientPort;
  }

  public String name() {
    return config.name();
  }

  public long memberId() {
    return memberId;
  }

  public long clusterId() {
    return cycle.clusterId();
  }

  public boolean isLeader() {
    return cycle.session() != null;
  }

  /** Whether the group knows where clients find this member. */
  public boolean isPublished() {
    return publisher.isPublished();
  }

  public MetricRegistry metrics() {
    return metrics;
  }

  /** Stops; a leader hands over first, so that clients hardly notice. */
  @Override
  public void close() {
    if (store.leadership().serving() && store.members().size() > 1) {
      store.transferLeadership(0);
      await(() -> store.leadership().leaderId() != memberId, RESIGN_MILLIS);
    }
    closeParts();
  }

  private void closeParts() {
    while (!parts.isEmpty()) {
      try {
        AutoCloseable part = parts.pop();
        if (part instanceof OnePortServer server) {
          server.shutdown(SHUTDOWN_GRACE_MILLIS);
        } else {
          part.close();
        }
      } catch (Exception e) {
        LOG.warn("while PD member {} stops", config.name(), e);
      }
    }
  }
}
