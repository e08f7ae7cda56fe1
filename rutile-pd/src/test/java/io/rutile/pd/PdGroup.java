package io.rutile.pd;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import io.rutile.base.clock.Clock;
import io.rutile.base.metric.MetricRegistry;
import io.rutile.pd.config.PdConfig;
import io.rutile.proto.pdpb.PDGrpc;
import io.rutile.proto.pdpb.RequestHeader;
import io.rutile.proto.pdpb.TsoRequest;
import io.rutile.proto.pdpb.TsoResponse;
import io.rutile.rpc.channel.ChannelOptions;
import io.rutile.rpc.channel.ChannelPool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;

/** Members of one PD group in this process, over real sockets. Used by one test thread. */
final class PdGroup implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Path directory;
  private final Map<String, PdServerConfig> configs = new TreeMap<>();
  private final Map<String, PdServer> running = new TreeMap<>();
  private final Set<String> ended = ConcurrentHashMap.newKeySet();
  private final ChannelPool channels = new ChannelPool(ChannelOptions.DEFAULT);

  private PdGroup(Path directory) {
    this.directory = directory;
  }

  /** Starts founders {@code pd1 .. pdN} and waits for a leader that everybody knows. */
  static PdGroup start(Path directory, int members) {
    PdGroup group = new PdGroup(directory);
    List<String> initial = new ArrayList<>();
    for (int i = 1; i <= members; i++) {
      initial.add("pd" + i + "=http://127.0.0.1:" + freePort());
    }
    for (String part : initial) {
      int equals = part.indexOf('=');
      String name = part.substring(0, equals);
      group.configs.put(name, group.config(name, part.substring(equals + 1), initial, List.of()));
      group.start(name);
    }
    group.awaitComplete();
    return group;
  }

  private PdServerConfig config(
      String name, String peerUrl, List<String> initial, List<String> join) {
    return new PdServerConfig(
        name,
        directory.resolve(name),
        "http://127.0.0.1:" + freePort(),
        "",
        peerUrl,
        "",
        initial,
        join,
        Optional.empty(),
        PdConfig.DEFAULT);
  }

  /** A port that is free at the moment. */
  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  PdServer start(String name) {
    PdServer server =
        PdServer.start(
            configs.get(name),
            Clock.system(),
            new MetricRegistry(),
            (reason, cause) -> ended.add(name));
    running.put(name, server);
    return server;
  }

  /** A new member that joins by the URLs of those that run. */
  PdServer join(String name) {
    List<String> urls = running.values().stream().map(PdServer::clientUrl).toList();
    configs.put(name, config(name, "http://127.0.0.1:" + freePort(), List.of(), urls));
    return start(name);
  }

  void stop(String name) {
    running.remove(name).close();
  }

  Collection<PdServer> members() {
    return running.values();
  }

  PdServer member(String name) {
    return running.get(name);
  }

  /** Waits until a member has heard that it was removed. */
  void awaitEnd(String name) {
    Awaitility.await().atMost(PATIENCE).until(() -> ended.contains(name));
  }

  void awaitComplete() {
    Awaitility.await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(() ->
            running.values().stream().allMatch(PdServer::isPublished)
                && running.values().stream().anyMatch(PdServer::isLeader));
  }

  PdServer leader() {
    return Awaitility.await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> running.values().stream().filter(PdServer::isLeader).findFirst(),
            Optional::isPresent)
        .orElseThrow();
  }

  PdServer follower() {
    PdServer leader = leader();
    return running.values().stream().filter(member -> member != leader).findFirst().orElseThrow();
  }

  ManagedChannel channel(PdServer member) {
    return channels.channel(member.clientUrl());
  }

  RequestHeader header() {
    return RequestHeader.newBuilder().setClusterId(leader().clusterId()).build();
  }

  /** One timestamp from whoever leads, asked for until it comes. */
  long timestamp() {
    long[] result = new long[1];
    Awaitility.await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> {
          try {
            TsoResponse answer =
                timestamp(channel(leader()).newCall(PDGrpc.getTsoMethod(), CallOptions.DEFAULT));
            result[0] =
                (answer.getTimestamp().getPhysical() << 18) + answer.getTimestamp().getLogical();
            return true;
          } catch (ExecutionException e) {
            return false;
          }
        });
    return result[0];
  }

  /** One request and half-close on a timestamp call; fails as the call does. */
  TsoResponse timestamp(ClientCall<TsoRequest, TsoResponse> call)
      throws ExecutionException, InterruptedException, TimeoutException {
    CompletableFuture<TsoResponse> answer = new CompletableFuture<>();
    TsoRequest request = TsoRequest.newBuilder().setHeader(header()).setCount(1).build();
    ClientCalls.asyncBidiStreamingCall(
            call,
            new ClientResponseObserver<TsoRequest, TsoResponse>() {
              @Override
              public void beforeStart(ClientCallStreamObserver<TsoRequest> stream) {}

              @Override
              public void onNext(TsoResponse response) {
                answer.complete(response);
              }

              @Override
              public void onError(Throwable failure) {
                answer.completeExceptionally(failure);
              }

              @Override
              public void onCompleted() {}
            })
        .onNext(request);
    return answer.get(10, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    running.values().forEach(PdServer::close);
    channels.close();
  }
}
