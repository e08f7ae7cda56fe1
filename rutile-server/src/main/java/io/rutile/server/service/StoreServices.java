package io.rutile.server.service;

import io.grpc.BindableService;
import io.grpc.ServerInterceptor;
import io.rutile.base.clock.Clock;
import io.rutile.base.clock.Timers;
import io.rutile.base.metric.MetricRegistry;
import io.rutile.base.thread.Fatal;
import io.rutile.base.thread.Threads;
import io.rutile.engine.api.KvEngine;
import io.rutile.proto.kvrpcpb.APIVersion;
import io.rutile.rpc.channel.ChannelPool;
import io.rutile.server.status.OnlineConfig;
import io.rutile.store.Store;
import io.rutile.txn.storage.TxnStorage;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * The gRPC services of one store, put together.
 *
 * <p>Owns the threads {@code grpc-writer-i}, which write responses that apply threads complete, and
 * the virtual threads of debug requests and snapshot files. Close it after the server that its
 * services were added to: until then responses are still to be written.
 */
public final class StoreServices implements AutoCloseable {
  private static final int WRITERS = 2;
  private static final Duration HEALTH_FEEDBACK_INTERVAL = Duration.ofSeconds(1);
  private static final int HEALTHY = 1;
  private static final long CLOSE_SECONDS_MAX = 5;

  private final ExecutorService writers;
  private final ExecutorService blocking;
  private final List<BindableService> services;

  /**
   * What the services stand on; all of it belongs to the caller.
   *
   * @param transportThreads what the names of the transport's threads begin with
   */
  public record Parts(
      Store store,
      TxnStorage storage,
      KvEngine engine,
      APIVersion apiVersion,
      OnlineConfig config,
      MetricRegistry metrics,
      Clock clock,
      Timers timers,
      Fatal fatal,
      String transportThreads) {}

  public StoreServices(Parts parts) {
    this.writers =
        Executors.newFixedThreadPool(WRITERS, Threads.factory("grpc-writer", parts.fatal()));
    this.blocking =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("store-rpc-", 0).factory());
    Store store = parts.store();
    ServiceContext context =
        new ServiceContext(
            new ClusterGuard(store.clusterId()),
            writers,
            parts.clock(),
            new TransportLoad(parts.transportThreads(), parts.clock()),
            new HealthReporter(store.storeId(), () -> HEALTHY),
            HEALTH_FEEDBACK_INTERVAL,
            parts.timers(),
            new RpcMetrics(parts.metrics(), parts.clock()));
    this.services =
        List.of(
            new TikvService(
                new Storage(parts.storage().raw(), parts.storage().txn()),
                new SplitRpc(store, parts.apiVersion()),
                new RaftRpcs(store, blocking),
                context),
            new DeadlockService(parts.storage().deadlockDetector(), parts.storage().lockManager()),
            new DebugService(
                store,
                parts.engine(),
                parts.metrics(),
                parts.config(),
                parts.apiVersion(),
                blocking));
  }

  public List<BindableService> services() {
    return services;
  }

  /**
   * Proxies calls that are meant for other stores.
   *
   * @param ownAddress where clients reach this store
   * @param connectionsPerAddress connections kept to one target
   */
  public static ServerInterceptor forwarding(
      String ownAddress, ChannelPool channels, int connectionsPerAddress) {
    return new ForwardingInterceptor(ownAddress, channels, connectionsPerAddress);
  }

  @Override
  public void close() {
    writers.shutdown();
    blocking.shutdownNow();
    try {
      if (!writers.awaitTermination(CLOSE_SECONDS_MAX, TimeUnit.SECONDS)) {
        writers.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      writers.shutdownNow();
    }
  }
}
