package io.rutile.rpc.server;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.netty.channel.ChannelOption;
import io.rutile.rpc.http.HttpPipeline;
import io.rutile.rpc.http.HttpServer;
import io.rutile.rpc.http.Router;
import io.rutile.rpc.netty.EventLoops;
import io.rutile.rpc.tls.TlsIdentity;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * gRPC services and HTTP/1.1 routes on one port, plain or with TLS. The first bytes of a connection
 * decide which of the two it is (see {@link ProtocolSniffer}).
 *
 * <p>Also served: {@code grpc.health.v1.Health}, which says SERVING for the empty service name,
 * because clients ask that before they adopt a leader; and reflection. Clients may ping every ten
 * seconds on connections without calls. Requests under way are held to a {@link MemoryQuota}.
 * Metadata that nobody here knows is ignored.
 *
 * <p>gRPC handlers run where {@link Builder#executor} says. The default is a virtual thread for
 * each call; a service that never blocks may ask for {@link Builder#onEventLoop()} and saves a
 * thread change for each message. HTTP handlers always run on virtual threads.
 *
 * <p>Safe for use by any thread.
 */
public final class OnePortServer implements AutoCloseable {
  private static final long FOREVER_DAYS = 3650;
  private static final int PERMIT_PING_MILLIS = 500;
  private static final int MAX_METADATA_BYTES = 64 << 10;
  private static final long CLOSE_MILLIS = 1_000;

  private final Server server;
  private final HealthStatusManager health;
  private final MemoryQuota quota;
  private final LateServices lateServices;
  private final ExecutorService virtualThreads;

  private OnePortServer(
      Server server,
      HealthStatusManager health,
      MemoryQuota quota,
      LateServices lateServices,
      ExecutorService virtualThreads) {
    this.server = server;
    this.health = health;
    this.quota = quota;
    this.lateServices = lateServices;
    this.virtualThreads = virtualThreads;
  }

  public static Builder builder() {
    return new Builder();
  }

  /** The port that is listened on. */
  public int port() {
    return server.getPort();
  }

  public MemoryQuota memoryQuota() {
    return quota;
  }

  /**
   * What the health service says from now on, for the empty service name. While a server does not
   * serve, calls to services that are not there are UNAVAILABLE, later UNIMPLEMENTED.
   */
  public void setServing(boolean serving) {
    lateServices.setServing(serving);
    health.setStatus("", serving ? ServingStatus.SERVING : ServingStatus.NOT_SERVING);
  }

  /** Adds a service to the running server. */
  public void addService(BindableService service) {
    lateServices.add(service);
  }

  /** Names of all methods that are served, {@code package.Service/Method}. */
  public List<String> methods() {
    List<String> names = new ArrayList<>();
    List<ServerServiceDefinition> services = new ArrayList<>(server.getServices());
    for (ServerServiceDefinition service : services) {
      service.getMethods().forEach(m -> names.add(m.getMethodDescriptor().getFullMethodName()));
    }
    names.sort(null);
    return names;
  }

  /**
   * Stops taking calls, says NOT_SERVING, lets calls under way end, and after {@code graceMillis}
   * ends them with UNAVAILABLE. A second call does nothing.
   */
  public void shutdown(long graceMillis) {
    if (server.isTerminated()) {
      return;
    }
    health.enterTerminalState();
    server.shutdown();
    try {
      if (!server.awaitTermination(graceMillis, TimeUnit.MILLISECONDS)) {
        server.shutdownNow();
        server.awaitTermination(CLOSE_MILLIS, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      server.shutdownNow();
    }
    virtualThreads.shutdownNow();
  }

  /** {@link #shutdown} without grace. */
  @Override
  public void close() {
    shutdown(0);
  }

  /** What a server is made of. Used by one thread. */
  public static final class Builder {
    private String host = "127.0.0.1";
    private int port;
    private @Nullable TlsIdentity tls;
    private @Nullable EventLoops loops;
    private @Nullable MemoryQuota quota;
    private GrpcServerConfig config = GrpcServerConfig.defaults();
    private Router router = new Router();
    private final List<ServerServiceDefinition> services = new ArrayList<>();
    private final List<ServerInterceptor> interceptors = new ArrayList<>();
    private final ExecutorService virtualThreads =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("rpc-", 0).factory());
    private Executor executor = virtualThreads;
    private boolean serving = true;

    private Builder() {}

    /**
     * @param port 0 for a free one
     */
    public Builder address(String host, int port) {
      this.host = host;
      this.port = port;
      return this;
    }

    /** TLS for both protocols; the identity stays the caller's to close. */
    public Builder tls(@Nullable TlsIdentity identity) {
      this.tls = identity;
      return this;
    }

    /** Threads to share with other servers and channels; they stay the caller's to close. */
    public Builder eventLoops(EventLoops shared) {
      this.loops = shared;
      return this;
    }

    public Builder config(GrpcServerConfig grpc) {
      this.config = grpc;
      return this;
    }

    /** A quota to share with services; by default an own one of the configured size. */
    public Builder memoryQuota(MemoryQuota shared) {
      this.quota = shared;
      return this;
    }

    /** HTTP routes; by default none. */
    public Builder routes(Router routes) {
      this.router = routes;
      return this;
    }

    public Builder service(BindableService service) {
      services.add(service.bindService());
      return this;
    }

    public Builder service(ServerServiceDefinition service) {
      services.add(service);
      return this;
    }

    /** Interceptors see calls in the order in which they are added. */
    public Builder interceptor(ServerInterceptor interceptor) {
      interceptors.add(interceptor);
      return this;
    }

    /** Where gRPC handlers run. */
    public Builder executor(Executor handlers) {
      this.executor = handlers;
      return this;
    }

    /** gRPC handlers run on the event loop: only for services that never block. */
    public Builder onEventLoop() {
      this.executor = Runnable::run;
      return this;
    }

    /** The server listens early, but serves only when {@link #setServing} says so. */
    public Builder notServingYet() {
      this.serving = false;
      return this;
    }

    /**
     * Starts to listen.
     *
     * @throws ServerStartException when the address cannot be bound
     */
    public OnePortServer start() {
      MemoryQuota limit = quota == null ? new MemoryQuota(config.memoryQuotaBytes()) : quota;
      HealthStatusManager health = new HealthStatusManager();
      LateServices late = new LateServices(serving);
      NettyServerBuilder builder =
          NettyServerBuilder.forAddress(new InetSocketAddress(host, port))
              .protocolNegotiator(
                  new OnePortNegotiator(
                      new HttpPipeline(router, virtualThreads, HttpServer.MAX_BODY_BYTES), tls))
              .executor(executor)
              .fallbackHandlerRegistry(late)
              .addStreamTracerFactory(MemoryQuotaTracer.factory(limit));
      limits(builder, limit);
      EventLoops shared = loops;
      if (shared != null) {
        builder
            .bossEventLoopGroup(shared.group())
            .workerEventLoopGroup(shared.group())
            .channelType(shared.serverChannelType());
      }
      // gRPC calls the interceptor that was added last first.
      for (ServerInterceptor interceptor : interceptors.reversed()) {
        builder.intercept(interceptor);
      }
      if (tls != null && !tls.files().allowedNames().isEmpty()) {
        builder.intercept(new PeerNameInterceptor(tls.files().allowedNames()));
      }
      builder.intercept(new MemoryQuotaInterceptor(limit));
      services.forEach(builder::addService);
      builder.addService(health.getHealthService());
      builder.addService(ProtoReflectionServiceV1.newInstance());
      return listen(builder.build(), health, limit, late);
    }

    private OnePortServer listen(
        Server server, HealthStatusManager health, MemoryQuota limit, LateServices late) {
      try {
        server.start();
      } catch (IOException e) {
        virtualThreads.shutdown();
        throw ServerStartException.cannotListen(host, port, e);
      }
      health.setStatus("", serving ? ServingStatus.SERVING : ServingStatus.NOT_SERVING);
      return new OnePortServer(server, health, limit, late, virtualThreads);
    }

    private void limits(NettyServerBuilder builder, MemoryQuota limit) {
      builder
          // An HTTP/1.1 connection never completes what gRPC calls a handshake; silence is the
          // sniffer's business.
          .handshakeTimeout(FOREVER_DAYS, TimeUnit.DAYS)
          .permitKeepAliveTime(PERMIT_PING_MILLIS, TimeUnit.MILLISECONDS)
          .permitKeepAliveWithoutCalls(true)
          .keepAliveTime(config.keepAliveMillis(), TimeUnit.MILLISECONDS)
          .keepAliveTimeout(config.keepAliveTimeoutMillis(), TimeUnit.MILLISECONDS)
          .maxConcurrentCallsPerConnection(config.concurrentStreams())
          .flowControlWindow(config.streamWindowBytes())
          .maxInboundMetadataSize(MAX_METADATA_BYTES)
          .maxInboundMessageSize(
              (int) Math.min(config.maxReceiveBytes(), Math.max(1, limit.limitBytes())))
          .withOption(ChannelOption.SO_REUSEADDR, true)
          .withChildOption(ChannelOption.TCP_NODELAY, true);
    }
  }
}
