package io.rutile.pd;

import io.rutile.base.clock.Clock;
import io.rutile.base.clock.Randoms;
import io.rutile.base.metric.MetricRegistry;
import io.rutile.engine.raftlog.RaftLogConfig;
import io.rutile.engine.raftlog.SegmentRaftLog;
import io.rutile.pd.cluster.LeaderSession;
import io.rutile.pd.core.RegionFile;
import io.rutile.pd.http.ClusterRoutes;
import io.rutile.pd.http.Leading;
import io.rutile.pd.http.MemberRoutes;
import io.rutile.pd.http.RegionLabelRoutes;
import io.rutile.pd.http.RegionRoutes;
import io.rutile.pd.http.RuleRoutes;
import io.rutile.pd.http.StoreRoutes;
import io.rutile.pd.member.LeaderCycle;
import io.rutile.pd.member.MemberDirectory;
import io.rutile.pd.member.MemberIds;
import io.rutile.pd.meta.Leadership;
import io.rutile.pd.meta.MetaKv;
import io.rutile.pd.meta.MetaStoreOptions;
import io.rutile.pd.meta.PeerTransport;
import io.rutile.pd.meta.RaftMetaStore;
import io.rutile.pd.service.Gate;
import io.rutile.pd.service.KeyspaceService;
import io.rutile.pd.service.PdService;
import io.rutile.proto.pdmetapb.MemberRecord;
import io.rutile.rpc.http.Router;
import io.rutile.rpc.server.OnePortServer;
import io.rutile.rpc.tls.TlsIdentity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One PD member: the replicated store, the cycle of leaderships over it, and the port with gRPC and
 * HTTP. Embeddable; {@link #close} leaves no thread behind.
 */
public final class PdServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PdServer.class);

  private static final long TICK_MILLIS = 100;
  private static final int ELECTION_TICKS = 20;
  private static final long START_SECONDS = 30;
  private static final long SHUTDOWN_GRACE_MILLIS = 500;
  private static final RaftLogConfig LOG_CONFIG = new RaftLogConfig(4 << 20, 64 << 20, 2);

  private final PdServerConfig config;
  private final RaftMetaStore store;
  private final LeaderCycle cycle;
  private final OnePortServer server;
  private final @Nullable TlsIdentity tls;
  private final String clientUrl;
  private final MetricRegistry metrics;

  private PdServer(
      PdServerConfig config,
      RaftMetaStore store,
      LeaderCycle cycle,
      OnePortServer server,
      @Nullable TlsIdentity tls,
      String clientUrl,
      MetricRegistry metrics) {
    this.config = config;
    this.store = store;
    this.cycle = cycle;
    this.server = server;
    this.tls = tls;
    this.clientUrl = clientUrl;
    this.metrics = metrics;
  }

  /** Starts with the machine's clock and a registry of its own. */
  public static PdServer start(PdServerConfig config) {
    return start(config, Clock.system(), new MetricRegistry());
  }

  /**
   * Starts a member and, when it is alone, waits until it serves.
   *
   * @throws io.rutile.base.error.RutileException when the port is taken or the data is not usable
   */
  public static PdServer start(PdServerConfig config, Clock clock, MetricRegistry metrics) {
    if (!config.join().isEmpty() || config.initialCluster().size() > 1) {
      throw new IllegalArgumentException("only a lone member can be started");
    }
    Path directory = config.dataDir().resolve("pd");
    createDirectories(directory);
    List<String> peerUrls = List.of(config.name());
    MemberRecord self =
        MemberRecord.newBuilder()
            .setId(MemberIds.founding(peerUrls))
            .setName(config.name())
            .addPeerUrls(config.peerUrl())
            .build();
    Randoms randoms = Randoms.system();
    RaftMetaStore store =
        new RaftMetaStore(
            new MetaStoreOptions(
                self.getId(),
                directory,
                SegmentRaftLog.open(directory.resolve("raft"), LOG_CONFIG),
                PeerTransport.NONE,
                clock,
                TICK_MILLIS,
                ELECTION_TICKS,
                randoms.create("pd-election"),
                failure -> LOG.error("PD member {} stops serving", config.name(), failure)),
            List.of(self));
    LeaderCycle cycle =
        new LeaderCycle(
            clock,
            new MetaKv(store),
            store::isLeaseValid,
            config.config(),
            () -> new RegionFile(directory.resolve("region-meta")),
            randoms.create("pd-cluster-id"));
    try {
      PdServer started = listen(config, clock, metrics, self, store, cycle);
      cycle.start();
      started.publishOnLead(self);
      started.awaitServing();
      return started;
    } catch (RuntimeException e) {
      cycle.close();
      store.close();
      throw e;
    }
  }

  private static void createDirectories(Path directory) {
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot create " + directory, e);
    }
  }

  private static PdServer listen(
      PdServerConfig config,
      Clock clock,
      MetricRegistry metrics,
      MemberRecord self,
      RaftMetaStore store,
      LeaderCycle cycle) {
    MemberDirectory members =
        new MemberDirectory(store, self.getId(), config.dataDir().toAbsolutePath().toString());
    Gate gate = new Gate(cycle);
    Router router = new Router();
    Leading leading = new Leading(cycle);
    new MemberRoutes(
            cycle,
            members,
            member -> member.getMemberId() == self.getId() || cycle.session() != null,
            metrics,
            clock.wallMillis() / 1000)
        .addTo(router);
    new StoreRoutes(leading).addTo(router);
    new RegionRoutes(leading).addTo(router);
    new ClusterRoutes(leading).addTo(router);
    new RuleRoutes(leading).addTo(router);
    new RegionLabelRoutes(leading).addTo(router);
    URI listen = URI.create(config.clientUrl());
    TlsIdentity tls = config.tls().map(TlsIdentity::load).orElse(null);
    OnePortServer server =
        OnePortServer.builder()
            .address(listen.getHost(), Math.max(0, listen.getPort()))
            .tls(tls)
            .routes(router)
            .service(new PdService(gate, members))
            .service(new KeyspaceService(gate))
            .start();
    return new PdServer(
        config, store, cycle, server, tls, advertised(config, listen, server.port()), metrics);
  }

  private static String advertised(PdServerConfig config, URI listen, int port) {
    if (!config.advertiseClientUrl().isEmpty()) {
      return config.advertiseClientUrl();
    }
    return listen.getScheme() + "://" + listen.getHost() + ":" + port;
  }

  /** Each new leader tells where its clients find it. */
  private void publishOnLead(MemberRecord self) {
    MemberRecord complete = self.toBuilder().addClientUrls(clientUrl).build();
    store.onLeadershipChange((Leadership leadership) -> {
      if (leadership.serving() && !store.members().contains(complete)) {
        store.updateMember(complete);
      }
    });
  }

  private void awaitServing() {
    CountDownLatch serving = new CountDownLatch(1);
    try {
      for (long waited = 0; waited < START_SECONDS * 100; waited++) {
        LeaderSession session = cycle.session();
        if (session != null && isPublished()) {
          return;
        }
        serving.await(10, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    close();
    throw new IllegalStateException("PD member " + config.name() + " did not become leader");
  }

  private boolean isPublished() {
    return store.members().stream()
        .anyMatch(member -> member.getClientUrlsList().contains(clientUrl));
  }

  /** Where clients reach this member: {@code http://host:port}. */
  public String clientUrl() {
    return clientUrl;
  }

  /** The port that gRPC and HTTP listen on. */
  public int clientPort() {
    return server.port();
  }

  public long clusterId() {
    return cycle.clusterId();
  }

  public boolean isLeader() {
    return cycle.session() != null;
  }

  public MetricRegistry metrics() {
    return metrics;
  }

  @Override
  public void close() {
    server.shutdown(SHUTDOWN_GRACE_MILLIS);
    cycle.close();
    store.close();
    if (tls != null) {
      tls.close();
    }
  }
}
