package io.rutile.server.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.rutile.base.error.RutileException;
import io.rutile.base.thread.Fatal;
import io.rutile.proto.kvrpcpb.APIVersion;
import io.rutile.proto.kvrpcpb.CommitRequest;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.FlashbackToVersionRequest;
import io.rutile.proto.kvrpcpb.FlashbackToVersionResponse;
import io.rutile.proto.kvrpcpb.GetRequest;
import io.rutile.proto.kvrpcpb.GetResponse;
import io.rutile.proto.kvrpcpb.Mutation;
import io.rutile.proto.kvrpcpb.MvccGetByKeyRequest;
import io.rutile.proto.kvrpcpb.MvccWrite;
import io.rutile.proto.kvrpcpb.Op;
import io.rutile.proto.kvrpcpb.PrepareFlashbackToVersionRequest;
import io.rutile.proto.kvrpcpb.PrepareFlashbackToVersionResponse;
import io.rutile.proto.kvrpcpb.PrewriteRequest;
import io.rutile.proto.kvrpcpb.RawGetRequest;
import io.rutile.proto.kvrpcpb.RawPutRequest;
import io.rutile.proto.kvrpcpb.SplitRegionRequest;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.tikvpb.TikvGrpc;
import io.rutile.server.config.LiveConfig;
import io.rutile.server.config.Machine;
import io.rutile.server.config.TikvConfig;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole store over real sockets and files, under a Placement Driver of one member. */
class StoreNodeTest {
  private static final ByteString KEY = ByteString.copyFromUtf8("key");

  @TempDir Path directory;

  private final ConcurrentLinkedQueue<String> fatal = new ConcurrentLinkedQueue<>();
  private final Fatal recording = (reason, cause) -> fatal.add(reason + ": " + cause);
  private OneMemberPd pd;

  @BeforeEach
  void startPd() throws Exception {
    pd = new OneMemberPd(77);
  }

  @AfterEach
  void stopPd() throws Exception {
    pd.close();
    assertThat(fatal).isEmpty();
  }

  @Test
  void rawWritesAreReadBackAndSurviveARestart() throws Exception {
    try (StoreNode node = start(APIVersion.V1);
        Client client = new Client(node)) {
      assertThat(client.health()).isEqualTo(ServingStatus.SERVING);
      RawPutRequest put =
          RawPutRequest.newBuilder()
              .setContext(context())
              .setKey(KEY)
              .setValue(ByteString.copyFromUtf8("value"))
              .build();
      assertThat(client.tikv.rawPut(put).hasRegionError()).isFalse();
      assertThat(client.rawGet()).isEqualTo("value");
      assertThat(client.http("/ready").statusCode()).isEqualTo(200);
      assertThat(client.http("/region/" + pd.anyRegion().getId()).body()).contains("\"Leader\"");
      assertThat(client.http("/metrics").body())
          .contains("tikv_grpc_msg_duration_seconds_count{priority=\"medium\",type=\"raw_put\"} 1");
    }
    pd.regions.clear();
    try (StoreNode node = start(APIVersion.V1);
        Client client = new Client(node)) {
      assertThat(client.rawGet()).isEqualTo("value");
      assertThat(pd.stores).hasSize(1);
    }
  }

  @Test
  void aTransactionIsVisibleFromItsCommitTimestampOn() throws Exception {
    try (StoreNode node = start(APIVersion.V1);
        Client client = new Client(node)) {
      long begin = pd.timestamp();
      PrewriteRequest prewrite =
          PrewriteRequest.newBuilder()
              .setContext(context())
              .addMutations(
                  Mutation.newBuilder()
                      .setOp(Op.Put)
                      .setKey(KEY)
                      .setValue(ByteString.copyFromUtf8("value")))
              .setPrimaryLock(KEY)
              .setStartVersion(begin)
              .setLockTtl(3000)
              .build();
      assertThat(client.tikv.kvPrewrite(prewrite).getErrorsList()).isEmpty();
      assertThat(client.get(pd.timestamp()).getError().hasLocked()).isTrue();
      long commit = pd.timestamp();
      CommitRequest second =
          CommitRequest.newBuilder()
              .setContext(context())
              .addKeys(KEY)
              .setStartVersion(begin)
              .setCommitVersion(commit)
              .build();
      assertThat(client.tikv.kvCommit(second).hasError()).isFalse();
      assertThat(client.get(commit).getValue().toStringUtf8()).isEqualTo("value");
      assertThat(client.get(commit - 1).getNotFound()).isTrue();
    }
  }

  @Test
  void versionsThatNobodyCanSeeAreCollectedUpToThePlacementDriversSafePoint() throws Exception {
    try (StoreNode node = start(APIVersion.V1);
        Client client = new Client(node)) {
      client.write("one");
      long first = pd.timestamp();
      client.write("two");
      long second = pd.timestamp();
      client.write("three");
      assertThat(client.versions()).hasSize(3);
      assertThat(client.get(first).getValue().toStringUtf8()).isEqualTo("one");
      pd.safePoint = second;
      await().atMost(Duration.ofSeconds(30)).until(() -> client.versions().size() == 2);
      assertThat(client.get(second).getValue().toStringUtf8()).isEqualTo("two");
      assertThat(client.get(pd.timestamp()).getValue().toStringUtf8()).isEqualTo("three");
      assertThat(client.http("/metrics").body())
          .contains("tikv_gcworker_gc_keys{cf=\"write\",tag=\"deleted\"} 1");
    }
  }

  @Test
  void aFlashbackTakesARegionBackAndKeepsOthersOutMeanwhileAlsoOverARestart() throws Exception {
    long version;
    long start;
    try (StoreNode node = start(APIVersion.V1);
        Client client = new Client(node)) {
      client.write("one");
      version = pd.timestamp();
      client.write("two");
      long unprepared = pd.timestamp();
      assertThat(client.flashback(unprepared, version).getRegionError().hasFlashbackNotPrepared())
          .isTrue();
      start = pd.timestamp();
      assertThat(client.prepareFlashback(start, start).getError()).contains("version");
      assertThat(client.get(pd.timestamp()).getValue().toStringUtf8()).isEqualTo("two");
      PrepareFlashbackToVersionResponse prepared = client.prepareFlashback(start, version);
      assertThat(prepared.hasRegionError()).isFalse();
      assertThat(prepared.getError()).isEmpty();
      client.expectInFlashback(start, version);
    }
    pd.regions.clear();
    try (StoreNode node = start(APIVersion.V1);
        Client client = new Client(node)) {
      client.expectInFlashback(start, version);
      FlashbackToVersionResponse done = client.flashback(start, version);
      assertThat(done.hasRegionError()).isFalse();
      assertThat(done.getError()).isEmpty();
      assertThat(client.get(pd.timestamp()).getValue().toStringUtf8()).isEqualTo("one");
      assertThat(client.flashback(start, version).hasRegionError()).as("repeated").isFalse();
      client.write("three");
      assertThat(client.get(pd.timestamp()).getValue().toStringUtf8()).isEqualTo("three");
    }
  }

  @Test
  void aClosedNodeLeavesNoThreads() throws Exception {
    Set<String> before = threads();
    start(APIVersion.V1).close();
    await().untilAsserted(() -> assertThat(threads()).isSubsetOf(before));
  }

  @Test
  void dataOfAnotherClusterIsRefusedWithTheReasonAndNothingKeepsRunning() throws Exception {
    start(APIVersion.V1).close();
    Set<String> before = threads();
    try (OneMemberPd other = new OneMemberPd(78)) {
      assertThatThrownBy(() -> StoreNode.start(config(other, APIVersion.V1, 0), recording))
          .isInstanceOf(RutileException.class)
          .hasMessageContaining("cluster");
    }
    start(APIVersion.V1).close();
    await().untilAsserted(() -> assertThat(threads()).isSubsetOf(before));
  }

  @Test
  void aTakenPortIsNamedInOneLine() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThatThrownBy(
              () -> StoreNode.start(config(pd, APIVersion.V1, taken.getLocalPort()), recording))
          .isInstanceOf(RutileException.class)
          .hasMessageContaining(Integer.toString(taken.getLocalPort()))
          .message()
          .doesNotContain("\n");
    }
  }

  private StoreNode start(APIVersion version) {
    return StoreNode.start(config(pd, version, 0), recording);
  }

  private LiveConfig config(OneMemberPd driver, APIVersion version, int port) {
    Map<String, String> items = TikvConfig.sharedMachine();
    items.put("server.addr", "127.0.0.1:" + port);
    items.put("server.status-addr", "127.0.0.1:0");
    items.put("storage.data-dir", directory.resolve("store").toString());
    items.put("storage.api-version", version == APIVersion.V2 ? "2" : "1");
    items.put("pd.endpoints", driver.endpoint());
    TikvConfig config = TikvConfig.load(null, items, Machine.here());
    return new LiveConfig(config, null, level -> {});
  }

  /** The context of the only region, once its leader has reported it. */
  private Context context() {
    await().until(() -> !pd.regions.isEmpty());
    Region region = pd.anyRegion();
    return Context.newBuilder()
        .setRegionId(region.getId())
        .setRegionEpoch(region.getRegionEpoch())
        .setPeer(region.getPeers(0))
        .setClusterId(pd.clusterId)
        .build();
  }

  /** Names of live platform threads that belong to this program. */
  private static Set<String> threads() {
    Set<String> names = new TreeSet<>();
    Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> !name.startsWith("ForkJoinPool") && !name.startsWith("awaitility"))
        .filter(name -> !name.startsWith("grpc-default") && !name.startsWith("globalEvent"))
        .filter(name -> !name.equals("process reaper"))
        .forEach(names::add);
    return names;
  }

  private final class Client implements AutoCloseable {
    private final HttpClient http = HttpClient.newHttpClient();
    private final ManagedChannel channel;
    private final String statusAddress;
    final TikvGrpc.TikvBlockingStub tikv;

    Client(StoreNode node) {
      channel = NettyChannelBuilder.forTarget(node.address()).usePlaintext().build();
      statusAddress = node.statusAddress();
      tikv = TikvGrpc.newBlockingStub(channel);
    }

    ServingStatus health() {
      return HealthGrpc.newBlockingStub(channel)
          .check(HealthCheckRequest.getDefaultInstance())
          .getStatus();
    }

    String rawGet() {
      return tikv.rawGet(RawGetRequest.newBuilder().setContext(context()).setKey(KEY).build())
          .getValue()
          .toStringUtf8();
    }

    GetResponse get(long version) {
      return tikv.kvGet(
          GetRequest.newBuilder().setContext(context()).setKey(KEY).setVersion(version).build());
    }

    PrepareFlashbackToVersionResponse prepareFlashback(long start, long version) {
      return tikv.kvPrepareFlashbackToVersion(
          PrepareFlashbackToVersionRequest.newBuilder()
              .setContext(context())
              .setStartTs(start)
              .setVersion(version)
              .build());
    }

    FlashbackToVersionResponse flashback(long start, long version) {
      return tikv.kvFlashbackToVersion(
          FlashbackToVersionRequest.newBuilder()
              .setContext(context())
              .setStartTs(start)
              .setCommitTs(pd.timestamp())
              .setVersion(version)
              .build());
    }

    void expectInFlashback(long start, long version) {
      GetResponse read = get(pd.timestamp());
      assertThat(read.getRegionError().getFlashbackInProgress().getFlashbackStartTs())
          .as("%s", read)
          .isEqualTo(start);
      assertThat(get(version).getValue().toStringUtf8()).isEqualTo("one");
      RawPutRequest put = RawPutRequest.newBuilder().setContext(context()).setKey(KEY).build();
      assertThat(tikv.rawPut(put).getRegionError().hasFlashbackInProgress()).isTrue();
      SplitRegionRequest split =
          SplitRegionRequest.newBuilder()
              .setContext(context())
              .addSplitKeys(ByteString.copyFromUtf8("m"))
              .build();
      assertThat(tikv.splitRegion(split).getRegionError().hasFlashbackInProgress()).isTrue();
    }

    void write(String value) {
      long begin = pd.timestamp();
      PrewriteRequest prewrite =
          PrewriteRequest.newBuilder()
              .setContext(context())
              .addMutations(
                  Mutation.newBuilder()
                      .setOp(Op.Put)
                      .setKey(KEY)
                      .setValue(ByteString.copyFromUtf8(value)))
              .setPrimaryLock(KEY)
              .setStartVersion(begin)
              .setLockTtl(3000)
              .build();
      assertThat(tikv.kvPrewrite(prewrite).getErrorsList()).isEmpty();
      CommitRequest commit =
          CommitRequest.newBuilder()
              .setContext(context())
              .addKeys(KEY)
              .setStartVersion(begin)
              .setCommitVersion(pd.timestamp())
              .build();
      assertThat(tikv.kvCommit(commit).hasError()).isFalse();
    }

    List<MvccWrite> versions() {
      return tikv.mvccGetByKey(
              MvccGetByKeyRequest.newBuilder().setContext(context()).setKey(KEY).build())
          .getInfo()
          .getWritesList();
    }

    HttpResponse<String> http(String path) throws Exception {
      return http.send(
          HttpRequest.newBuilder(URI.create("http://" + statusAddress + path)).build(),
          HttpResponse.BodyHandlers.ofString());
    }

    @Override
    public void close() {
      http.close();
      channel.shutdownNow();
    }
  }
}
