package io.rutile.rpc.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.rutile.proto.pdpb.GetMembersRequest;
import io.rutile.proto.pdpb.GetMembersResponse;
import io.rutile.proto.pdpb.PDGrpc;
import io.rutile.rpc.channel.ChannelOptions;
import io.rutile.rpc.channel.ChannelPool;
import io.rutile.rpc.http.HttpResponse;
import io.rutile.rpc.http.Router;
import io.rutile.rpc.netty.EventLoops;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OnePortServerTest {
  private EventLoops loops;
  private ChannelPool channels;
  private HttpClient http;

  @BeforeEach
  void open() {
    loops = EventLoops.create("test-rpc", 2);
    channels = new ChannelPool(ChannelOptions.DEFAULT);
    http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  }

  @AfterEach
  void close() {
    http.close();
    channels.close();
    loops.close();
  }

  @Test
  void servesGrpcAndHttpOnOnePort() throws Exception {
    Router router =
        new Router()
            .get(
                "/pd/api/v1/store/{id}",
                r -> HttpResponse.json(Map.of("id", r.longPathParameter("id"))))
            .post("/echo", r -> HttpResponse.text(200, r.bodyText()));
    try (OnePortServer server = start(OnePortServer.builder().routes(router))) {
      var health =
          HealthGrpc.newBlockingStub(channel(server))
              .check(HealthCheckRequest.getDefaultInstance());
      assertThat(health.getStatus()).isEqualTo(ServingStatus.SERVING);

      assertThat(get(server, "/pd/api/v1/store/7").body()).contains("\"id\" : 7");
      assertThat(get(server, "/pd/api/v1/store/x").statusCode()).isEqualTo(400);
      assertThat(get(server, "/nothing").statusCode()).isEqualTo(404);
      assertThat(get(server, "/echo").statusCode()).isEqualTo(405);
      var echoed =
          http.send(
              HttpRequest.newBuilder(uri(server, "/echo"))
                  .POST(BodyPublishers.ofString("hello"))
                  .build(),
              BodyHandlers.ofString());
      assertThat(echoed.body()).isEqualTo("hello");
      var head =
          http.send(
              HttpRequest.newBuilder(uri(server, "/pd/api/v1/store/7")).HEAD().build(),
              BodyHandlers.ofString());
      assertThat(head.statusCode()).isEqualTo(200);
      assertThat(head.headers().firstValueAsLong("content-length").orElse(0)).isPositive();
    }
  }

  @Test
  void compressesHttpAnswersForThoseWhoTakeIt() throws Exception {
    Router router = new Router().get("/long", r -> HttpResponse.text(200, "x".repeat(10_000)));
    try (OnePortServer server = start(OnePortServer.builder().routes(router))) {
      var answer =
          http.send(
              HttpRequest.newBuilder(uri(server, "/long"))
                  .header("Accept-Encoding", "gzip")
                  .build(),
              BodyHandlers.ofByteArray());
      assertThat(answer.headers().firstValue("content-encoding")).contains("gzip");
      assertThat(answer.body().length).isLessThan(1_000);
    }
  }

  @Test
  void answersPipelinedHttpRequestsInOrder() throws Exception {
    Router router =
        new Router().get("/n/{n}", r -> HttpResponse.text(200, "answer-" + r.pathParameter("n")));
    try (OnePortServer server = start(OnePortServer.builder().routes(router));
        Socket socket = new Socket("127.0.0.1", server.port())) {
      StringBuilder requests = new StringBuilder();
      for (int i = 0; i < 20; i++) {
        requests
            .append("GET /n/")
            .append(i)
            .append(" HTTP/1.1\r\nHost: x\r\n")
            .append(i == 19 ? "Connection: close\r\n" : "")
            .append("\r\n");
      }
      socket.getOutputStream().write(requests.toString().getBytes(StandardCharsets.US_ASCII));
      String all = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      int at = 0;
      for (int i = 0; i < 20; i++) {
        at = all.indexOf("answer-" + i, at);
        assertThat(at).as("answer %d in order", i).isNotNegative();
      }
    }
  }

  @Test
  void survivesGarbageInsteadOfProtobuf() throws Exception {
    PDGrpc.PDImplBase pd =
        new PDGrpc.PDImplBase() {
          @Override
          public void getMembers(
              GetMembersRequest request, StreamObserver<GetMembersResponse> response) {
            response.onNext(GetMembersResponse.getDefaultInstance());
            response.onCompleted();
          }
        };
    try (OnePortServer server = start(OnePortServer.builder().service(pd))) {
      ManagedChannel channel = channel(server);
      MethodDescriptor<byte[], byte[]> raw =
          EchoService.ECHO.toBuilder()
              .setFullMethodName(PDGrpc.getGetMembersMethod().getFullMethodName())
              .build();
      byte[] garbage = {(byte) 0xFF, (byte) 0xFF, 1, 2, 3};
      assertThatThrownBy(
              () -> ClientCalls.blockingUnaryCall(channel, raw, CallOptions.DEFAULT, garbage))
          .isInstanceOf(StatusRuntimeException.class);
      assertThat(PDGrpc.newBlockingStub(channel).getMembers(GetMembersRequest.getDefaultInstance()))
          .isNotNull();
    }
  }

  @Test
  void refusesRequestsAboveTheMemoryQuotaAndRecovers() throws Exception {
    int size = 100_000;
    LinkedBlockingQueue<StreamObserver<byte[]>> held = new LinkedBlockingQueue<>();
    GrpcServerConfig config = GrpcServerConfig.defaults().withMemoryQuota(size * 5L / 2);
    try (OnePortServer server =
        start(
            OnePortServer.builder()
                .config(config)
                .service(EchoService.with((request, response) -> held.add(response))))) {
      ManagedChannel channel = channel(server);
      CompletableFuture<byte[]> one = call(channel, size);
      CompletableFuture<byte[]> two = call(channel, size);
      StreamObserver<byte[]> first = held.poll(10, TimeUnit.SECONDS);
      StreamObserver<byte[]> second = held.poll(10, TimeUnit.SECONDS);
      assertThat(server.memoryQuota().usedBytes()).isEqualTo(2L * size);

      assertThatThrownBy(() -> call(channel, size).get(10, TimeUnit.SECONDS))
          .hasMessageContaining("RESOURCE_EXHAUSTED")
          .hasMessageContaining("grpc-memory-pool-quota");

      for (StreamObserver<byte[]> response : List.of(first, second)) {
        response.onNext(new byte[1]);
        response.onCompleted();
      }
      one.get(10, TimeUnit.SECONDS);
      two.get(10, TimeUnit.SECONDS);
      await(() -> server.memoryQuota().usedBytes() == 0);
      CompletableFuture<byte[]> again = call(channel, size);
      StreamObserver<byte[]> third = held.poll(10, TimeUnit.SECONDS);
      third.onNext(new byte[1]);
      third.onCompleted();
      again.get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void refusesOneMessageAboveTheWholeQuotaBeforeReadingIt() {
    GrpcServerConfig config = GrpcServerConfig.defaults().withMemoryQuota(10_000);
    try (OnePortServer server =
        start(OnePortServer.builder().config(config).service(EchoService.echo()))) {
      assertThatThrownBy(() -> call(channel(server), 20_000).get(10, TimeUnit.SECONDS))
          .hasMessageContaining(Status.Code.RESOURCE_EXHAUSTED.name());
    }
  }

  @Test
  void namesThePortThatIsInUse() throws Exception {
    try (ServerSocket taken = new ServerSocket(0)) {
      int port = taken.getLocalPort();
      assertThatThrownBy(() -> OnePortServer.builder().address("0.0.0.0", port).start())
          .isInstanceOf(ServerStartException.class)
          .hasMessage(
              "cannot listen on 0.0.0.0:" + port + ": the port is in use by another process");
    }
  }

  @Test
  void letsCallsEndBeforeItStops() throws Exception {
    LinkedBlockingQueue<StreamObserver<byte[]>> held = new LinkedBlockingQueue<>();
    OnePortServer server =
        start(
            OnePortServer.builder()
                .service(EchoService.with((request, response) -> held.add(response))));
    CompletableFuture<byte[]> call = call(channel(server), 10);
    StreamObserver<byte[]> response = held.poll(10, TimeUnit.SECONDS);
    Thread stopper = Thread.ofPlatform().start(() -> server.shutdown(20_000));
    response.onNext(ByteString.copyFromUtf8("done").toByteArray());
    response.onCompleted();
    assertThat(call.get(10, TimeUnit.SECONDS)).asString().isEqualTo("done");
    stopper.join(10_000);
    assertThat(stopper.isAlive()).isFalse();
  }

  @Test
  void callsBeforeTheServerServesAreToComeAgain() {
    try (OnePortServer server = start(OnePortServer.builder().notServingYet())) {
      ManagedChannel channel = channel(server);
      assertThatThrownBy(() -> call(channel, 1).get(10, TimeUnit.SECONDS))
          .hasMessageContaining("UNAVAILABLE: the server does not serve yet");
      server.addService(EchoService::echo);
      server.setServing(true);
      assertThat(call(channel, 3).join()).hasSize(3);
    }
  }

  @Test
  void servicesMayComeLater() {
    try (OnePortServer server = start(OnePortServer.builder())) {
      ManagedChannel channel = channel(server);
      assertThatThrownBy(() -> call(channel, 1).get(10, TimeUnit.SECONDS))
          .hasMessageContaining("UNIMPLEMENTED");
      server.addService(EchoService::echo);
      assertThat(call(channel, 3).join()).hasSize(3);
    }
  }

  private OnePortServer start(OnePortServer.Builder builder) {
    return builder.eventLoops(loops).address("127.0.0.1", 0).start();
  }

  private ManagedChannel channel(OnePortServer server) {
    return channels.channel("127.0.0.1:" + server.port());
  }

  private java.net.http.HttpResponse<String> get(OnePortServer server, String path)
      throws Exception {
    return http.send(HttpRequest.newBuilder(uri(server, path)).build(), BodyHandlers.ofString());
  }

  private static URI uri(OnePortServer server, String path) {
    return URI.create("http://127.0.0.1:" + server.port() + path);
  }

  private static CompletableFuture<byte[]> call(ManagedChannel channel, int bytes) {
    CompletableFuture<byte[]> answer = new CompletableFuture<>();
    ClientCalls.asyncUnaryCall(
        channel.newCall(EchoService.ECHO, CallOptions.DEFAULT),
        new byte[bytes],
        new StreamObserver<>() {
          @Override
          public void onNext(byte[] value) {
            answer.complete(value);
          }

          @Override
          public void onError(Throwable failure) {
            answer.completeExceptionally(failure);
          }

          @Override
          public void onCompleted() {}
        });
    return answer;
  }

  private static void await(java.util.function.BooleanSupplier condition) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.yield();
    }
  }
}
