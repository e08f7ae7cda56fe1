package io.rutile.pd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.rutile.proto.keyspacepb.KeyspaceGrpc;
import io.rutile.proto.keyspacepb.LoadKeyspaceRequest;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.metapb.Store;
import io.rutile.proto.pdpb.AllocIDRequest;
import io.rutile.proto.pdpb.AskBatchSplitRequest;
import io.rutile.proto.pdpb.BootstrapRequest;
import io.rutile.proto.pdpb.ErrorType;
import io.rutile.proto.pdpb.GetAllStoresRequest;
import io.rutile.proto.pdpb.GetClusterInfoRequest;
import io.rutile.proto.pdpb.GetMembersRequest;
import io.rutile.proto.pdpb.GetMembersResponse;
import io.rutile.proto.pdpb.GetRegionByIDRequest;
import io.rutile.proto.pdpb.GetRegionRequest;
import io.rutile.proto.pdpb.GetStoreRequest;
import io.rutile.proto.pdpb.IsBootstrappedRequest;
import io.rutile.proto.pdpb.PDGrpc;
import io.rutile.proto.pdpb.PutStoreRequest;
import io.rutile.proto.pdpb.RegionHeartbeatRequest;
import io.rutile.proto.pdpb.RegionHeartbeatResponse;
import io.rutile.proto.pdpb.RequestHeader;
import io.rutile.proto.pdpb.ScanRegionsRequest;
import io.rutile.proto.pdpb.ServiceMode;
import io.rutile.proto.pdpb.StoreHeartbeatRequest;
import io.rutile.proto.pdpb.StoreHeartbeatResponse;
import io.rutile.proto.pdpb.StoreStats;
import io.rutile.proto.pdpb.TsoRequest;
import io.rutile.proto.pdpb.TsoResponse;
import io.rutile.rpc.channel.ChannelOptions;
import io.rutile.rpc.channel.ChannelPool;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A lone member over real sockets: the order of calls of a store that starts, and of clients. */
class PdServerTest {
  @TempDir Path directory;
  private PdServer pd;
  private ChannelPool channels;
  private PDGrpc.PDBlockingStub stub;

  @BeforeEach
  void start() {
    pd = PdServer.start(PdServerConfig.single("pd", directory, "127.0.0.1", 0));
    channels = new ChannelPool(ChannelOptions.DEFAULT);
    stub = PDGrpc.newBlockingStub(channel());
  }

  private ManagedChannel channel() {
    return channels.channel(pd.clientUrl());
  }

  @AfterEach
  void stop() {
    channels.close();
    pd.close();
  }

  private void restart() {
    channels.close();
    pd.close();
    start();
  }

  private RequestHeader header() {
    return RequestHeader.newBuilder().setClusterId(pd.clusterId()).build();
  }

  private static Store store(long id) {
    return Store.newBuilder()
        .setId(id)
        .setAddress("127.0.0.1:" + (20160 + id))
        .setVersion("8.5.0")
        .build();
  }

  private void bootstrap() {
    var response =
        stub.bootstrap(
            BootstrapRequest.newBuilder()
                .setHeader(header())
                .setStore(store(1))
                .setRegion(PdHarness.region(2, "", "", 1, 1))
                .build());
    assertThat(response.getHeader().hasError()).isFalse();
  }

  @Test
  void tellsWhoItIs() {
    GetMembersResponse members = stub.getMembers(GetMembersRequest.getDefaultInstance());

    assertThat(members.getHeader().getClusterId()).isEqualTo(pd.clusterId()).isNotZero();
    assertThat(members.getLeader().getClientUrlsList()).containsExactly(pd.clientUrl());
    assertThat(members.getMembersList()).containsExactly(members.getLeader());
    assertThat(members.getEtcdLeader()).isEqualTo(members.getLeader());
    assertThat(
            stub.getClusterInfo(GetClusterInfoRequest.getDefaultInstance()).getServiceModesList())
        .containsExactly(ServiceMode.PD_SVC_MODE);
    assertThat(
            HealthGrpc.newBlockingStub(channel())
                .check(HealthCheckRequest.getDefaultInstance())
                .getStatus())
        .isEqualTo(ServingStatus.SERVING);
  }

  @Test
  void refusesCallersOfAnotherCluster() {
    AllocIDRequest request =
        AllocIDRequest.newBuilder().setHeader(RequestHeader.newBuilder().setClusterId(7)).build();

    assertThatThrownBy(() -> stub.allocID(request))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
              assertThat(e.getStatus().getDescription())
                  .isEqualTo(
                      "mismatch cluster id, need "
                          + Long.toUnsignedString(pd.clusterId())
                          + " but got 7");
            });
  }

  @Test
  void beforeBootstrapOnlySaysSo() {
    var stores = stub.getAllStores(GetAllStoresRequest.newBuilder().setHeader(header()).build());

    assertThat(stores.getHeader().getError().getType()).isEqualTo(ErrorType.NOT_BOOTSTRAPPED);
    assertThat(stores.getHeader().getError().getMessage()).isEqualTo("cluster is not bootstrapped");
    assertThat(
            stub.isBootstrapped(IsBootstrappedRequest.newBuilder().setHeader(header()).build())
                .getBootstrapped())
        .isFalse();
  }

  @Test
  void bootstrapsOnceAndRemembers() {
    bootstrap();

    var again =
        stub.bootstrap(
            BootstrapRequest.newBuilder()
                .setHeader(header())
                .setStore(store(9))
                .setRegion(PdHarness.region(3, "", "", 1, 9))
                .build());
    assertThat(again.getHeader().getError().getType()).isEqualTo(ErrorType.ALREADY_BOOTSTRAPPED);

    long clusterId = pd.clusterId();
    restart();
    assertThat(pd.clusterId()).isEqualTo(clusterId);
    assertThat(
            stub.getStore(GetStoreRequest.newBuilder().setHeader(header()).setStoreId(1).build())
                .getStore()
                .getAddress())
        .isEqualTo("127.0.0.1:20161");
    assertThat(
            stub.getRegion(GetRegionRequest.newBuilder().setHeader(header()).build())
                .getRegion()
                .getId())
        .isEqualTo(2);
    assertThat(
            KeyspaceGrpc.newBlockingStub(channel())
                .loadKeyspace(
                    LoadKeyspaceRequest.newBuilder().setHeader(header()).setName("DEFAULT").build())
                .getKeyspace()
                .getId())
        .isZero();
  }

  @Test
  void namesAnUnknownStoreInTheWordsThatClientsSearch() {
    bootstrap();

    var response =
        stub.getStore(GetStoreRequest.newBuilder().setHeader(header()).setStoreId(77).build());
    assertThat(response.getHeader().getError().getType()).isEqualTo(ErrorType.UNKNOWN);
    assertThat(response.getHeader().getError().getMessage())
        .isEqualTo("invalid store ID 77, not found");
  }

  @Test
  void refusesASecondStoreOfTheSameAddress() {
    bootstrap();
    Store twin = store(5).toBuilder().setAddress(store(1).getAddress()).build();

    var response =
        stub.putStore(PutStoreRequest.newBuilder().setHeader(header()).setStore(twin).build());
    assertThat(response.getHeader().getError().getMessage())
        .startsWith("duplicated store address: ");
  }

  @Test
  void givesIdsThatNeverRepeat() {
    long first = stub.allocID(AllocIDRequest.newBuilder().setHeader(header()).build()).getId();
    var block =
        stub.allocID(AllocIDRequest.newBuilder().setHeader(header()).setCount(5000).build());
    assertThat(block.getId()).isEqualTo(first + 5000);
    assertThat(block.getCount()).isEqualTo(5000);

    restart();
    assertThat(stub.allocID(AllocIDRequest.newBuilder().setHeader(header()).build()).getId())
        .isGreaterThan(block.getId());
  }

  @Test
  void completesATimestampStreamThatIsHalfClosed() {
    TsoRequest request = TsoRequest.newBuilder().setHeader(header()).setCount(1).build();

    TsoResponse before =
        ClientCalls.blockingUnaryCall(
            channel().newCall(PDGrpc.getTsoMethod(), CallOptions.DEFAULT), request);
    restart();
    TsoResponse after =
        ClientCalls.blockingUnaryCall(
            channel().newCall(PDGrpc.getTsoMethod(), CallOptions.DEFAULT), request);

    assertThat(compose(after)).isGreaterThan(compose(before));
  }

  private static long compose(TsoResponse response) {
    return (response.getTimestamp().getPhysical() << 18) + response.getTimestamp().getLogical();
  }

  @Test
  void answersTimestampRequestsInOrder() throws Exception {
    var responses = new LinkedBlockingQueue<TsoResponse>();
    CountDownLatch done = new CountDownLatch(1);
    StreamObserver<TsoRequest> requests = PDGrpc.newStub(channel()).tso(collector(responses, done));
    for (int i = 1; i <= 1000; i++) {
      requests.onNext(TsoRequest.newBuilder().setHeader(header()).setCount(i % 7 + 1).build());
    }
    requests.onCompleted();

    assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
    long last = 0;
    int number = 1;
    for (TsoResponse response : responses) {
      assertThat(response.getCount()).isEqualTo(number % 7 + 1);
      assertThat(compose(response) - response.getCount() + 1).isGreaterThan(last);
      last = compose(response);
      number++;
    }
    assertThat(number).isEqualTo(1001);
  }

  private static <T> StreamObserver<T> collector(LinkedBlockingQueue<T> into, CountDownLatch done) {
    return new StreamObserver<>() {
      @Override
      public void onNext(T value) {
        into.add(value);
      }

      @Override
      public void onError(Throwable cause) {
        done.countDown();
      }

      @Override
      public void onCompleted() {
        done.countDown();
      }
    };
  }

  @Test
  void learnsRegionsFromHeartbeatsAndSplits() {
    bootstrap();
    var orders = new LinkedBlockingQueue<RegionHeartbeatResponse>();
    StreamObserver<RegionHeartbeatRequest> reports =
        PDGrpc.newStub(channel()).regionHeartbeat(collector(orders, new CountDownLatch(1)));

    var ids =
        stub.askBatchSplit(
            AskBatchSplitRequest.newBuilder()
                .setHeader(header())
                .setRegion(PdHarness.region(2, "", "", 1, 1))
                .setSplitCount(1)
                .build());
    assertThat(ids.getIdsCount()).isEqualTo(1);
    assertThat(ids.getIds(0).getNewPeerIdsCount()).isEqualTo(1);

    reports.onNext(report(PdHarness.region(50, "", "m", 2, 1)));
    reports.onNext(report(PdHarness.region(2, "m", "", 2, 1)));
    Awaitility.await().until(() -> regionOf("a") == 50 && regionOf("z") == 2);

    reports.onNext(report(PdHarness.region(2, "", "", 1, 1)));
    Awaitility.await().until(() -> orders.stream().anyMatch(order -> order.getHeader().hasError()));
    assertThat(regionOf("a")).isEqualTo(50);

    var scanned =
        stub.scanRegions(ScanRegionsRequest.newBuilder().setHeader(header()).setLimit(10).build());
    assertThat(scanned.getRegionMetasList()).extracting(Region::getId).containsExactly(50L, 2L);
    assertThat(scanned.getLeadersList()).extracting(Peer::getStoreId).containsExactly(1L, 1L);
    restart();
    assertThat(regionOf("a")).isEqualTo(50);
    assertThat(
            stub.getRegionByID(
                    GetRegionByIDRequest.newBuilder().setHeader(header()).setRegionId(2).build())
                .getRegion()
                .getStartKey()
                .toStringUtf8())
        .isEqualTo("m");
  }

  private long regionOf(String key) {
    return stub.getRegion(
            GetRegionRequest.newBuilder()
                .setHeader(header())
                .setRegionKey(ByteString.copyFromUtf8(key))
                .build())
        .getRegion()
        .getId();
  }

  private RegionHeartbeatRequest report(Region region) {
    return RegionHeartbeatRequest.newBuilder()
        .setHeader(header())
        .setRegion(region)
        .setLeader(region.getPeers(0))
        .setApproximateSize(10 << 20)
        .setTerm(6)
        .build();
  }

  @Test
  void takesStoreHeartbeats() {
    bootstrap();
    StoreHeartbeatResponse response =
        stub.storeHeartbeat(
            StoreHeartbeatRequest.newBuilder()
                .setHeader(header())
                .setStats(StoreStats.newBuilder().setStoreId(1).setCapacity(100))
                .build());

    assertThat(response.getHeader().hasError()).isFalse();
    assertThat(response.getClusterVersion()).isEqualTo("8.5.0");
    Awaitility.await()
        .until(() ->
            stub.getStore(GetStoreRequest.newBuilder().setHeader(header()).setStoreId(1).build())
                    .getStats()
                    .getCapacity()
                == 100);
  }

  @Test
  void answersHttpOnTheSamePort() throws Exception {
    bootstrap();

    JsonNode stores = get("/pd/api/v1/stores");
    assertThat(stores.get("count").asInt()).isEqualTo(1);
    JsonNode store = stores.get("stores").get(0);
    assertThat(store.get("store").get("state_name").asString()).isEqualTo("Up");
    assertThat(store.get("status").has("region_score")).isTrue();
    assertThat(get("/pd/api/v1/regions").get("count").asInt()).isEqualTo(1);
    assertThat(get("/pd/api/v1/region/id/2").get("peers").get(0).get("role_name").asString())
        .isEqualTo("Voter");
    assertThat(get("/pd/api/v1/region/id/99").isNull()).isTrue();
    assertThat(get("/pd/api/v1/members").get("leader").get("name").asString()).isEqualTo("pd");
    assertThat(get("/pd/api/v1/health").get(0).get("health").asBoolean()).isTrue();
    assertThat(get("/pd/api/v1/version").get("version").asString()).startsWith("v");
    assertThat(get("/pd/api/v1/cluster/status").get("is_initialized").asBoolean()).isFalse();
    assertThat(get("/pd/api/v1/config").get("replication").get("max-replicas").asInt())
        .isEqualTo(3);
    assertThat(get("/pd/api/v1/regions/count").get("count").asInt()).isEqualTo(1);
    assertThat(get("/pd/api/v1/min-resolved-ts").get("persist_interval").asString())
        .isEqualTo("1s");
  }

  @Test
  void changesSettingsForGood() throws Exception {
    assertThat(post("/pd/api/v1/config", "{\"max-replicas\": 1}").statusCode()).isEqualTo(200);
    assertThat(post("/pd/api/v1/config", "{\"schedule.low-space-ratio\": 0.1}").statusCode())
        .isEqualTo(400);
    HttpResponse<String> unknown = post("/pd/api/v1/config", "{\"max-replicaz\": 1}");
    assertThat(unknown.statusCode()).isIn(400, 404);
    assertThat(unknown.body()).contains("max-replicaz");

    restart();
    assertThat(get("/pd/api/v1/config/replicate").get("max-replicas").asInt()).isEqualTo(1);
  }

  private JsonNode get(String path) throws Exception {
    HttpResponse<String> response =
        send(HttpRequest.newBuilder(URI.create(pd.clientUrl() + path)).build());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return JsonMapper.shared().readTree(response.body());
  }

  private HttpResponse<String> post(String path, String body) throws Exception {
    return send(
        HttpRequest.newBuilder(URI.create(pd.clientUrl() + path))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build());
  }

  private static HttpResponse<String> send(HttpRequest request) throws Exception {
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      return client.send(request, HttpResponse.BodyHandlers.ofString());
    }
  }

  @Test
  void leavesNoThreadBehind() {
    List<String> before = pdThreads();
    assertThat(before).contains("pd-meta");
    stop();
    assertThat(pdThreads()).isEmpty();
    start();
  }

  private static List<String> pdThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("pd-"))
        .toList();
  }
}
