package io.rutile.server.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.rutile.base.metric.MetricRegistry;
import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineStatistics;
import io.rutile.engine.api.KvEngine;
import io.rutile.proto.debugpb.BottommostLevelCompaction;
import io.rutile.proto.debugpb.CompactRequest;
import io.rutile.proto.debugpb.DB;
import io.rutile.proto.debugpb.DebugGrpc;
import io.rutile.proto.debugpb.GetAllRegionsInStoreRequest;
import io.rutile.proto.debugpb.GetClusterInfoRequest;
import io.rutile.proto.debugpb.GetMetricsRequest;
import io.rutile.proto.debugpb.GetMetricsResponse;
import io.rutile.proto.debugpb.GetRequest;
import io.rutile.proto.debugpb.GetStoreInfoRequest;
import io.rutile.proto.debugpb.ModifyTikvConfigRequest;
import io.rutile.proto.debugpb.RegionSizeRequest;
import io.rutile.proto.debugpb.RegionSizeResponse;
import io.rutile.proto.kvrpcpb.APIVersion;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.Region;
import io.rutile.rpc.http.HttpException;
import io.rutile.server.status.OnlineConfig;
import io.rutile.store.RegionStatus;
import io.rutile.store.Store;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DebugServiceTest {
  private final List<String> calls = new ArrayList<>();
  private final MetricRegistry metrics = new MetricRegistry();
  private Server server;
  private ManagedChannel channel;
  private DebugGrpc.DebugBlockingStub debug;

  @BeforeEach
  void start() throws Exception {
    DebugService service =
        new DebugService(
            fake(Store.class, this::store),
            fake(KvEngine.class, this::engine),
            metrics,
            new Config(),
            APIVersion.V2,
            Runnable::run);
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(service)
            .build()
            .start();
    channel =
        NettyChannelBuilder.forAddress(server.getListenSockets().getFirst()).usePlaintext().build();
    debug = DebugGrpc.newBlockingStub(channel);
  }

  @AfterEach
  void stop() throws Exception {
    channel.shutdownNow();
    server.shutdownNow().awaitTermination();
  }

  @Test
  void getReadsTheEngineAndSaysWhatIsMissingOrWrong() {
    GetRequest present =
        GetRequest.newBuilder().setDb(DB.KV).setCf("write").setKey(utf8("zk")).build();
    assertThat(debug.get(present).getValue().toStringUtf8()).isEqualTo("write:zk");
    GetRequest absent = present.toBuilder().setKey(utf8("absent")).build();
    assertThatThrownBy(() -> debug.get(absent)).hasMessageContaining("NOT_FOUND");
    assertThatThrownBy(() -> debug.get(present.toBuilder().setCf("x").build()))
        .hasMessageContaining("INVALID_ARGUMENT")
        .hasMessageContaining("\"x\"");
    assertThatThrownBy(() -> debug.get(present.toBuilder().setDb(DB.RAFT).build()))
        .hasMessageContaining("INVALID_ARGUMENT");
  }

  @Test
  void regionSizesAreAskedForOverTheRegionsKeysOnDisk() {
    RegionSizeResponse sizes =
        debug.regionSize(
            RegionSizeRequest.newBuilder().setRegionId(2).addCfs("default").addCfs("lock").build());
    assertThat(sizes.getEntriesList())
        .extracting(RegionSizeResponse.Entry::getCf)
        .containsExactly("default", "lock");
    assertThat(calls).containsExactly("size DEFAULT za {", "size LOCK za {");
    assertThatThrownBy(
            () -> debug.regionSize(RegionSizeRequest.newBuilder().setRegionId(9).build()))
        .hasMessageContaining("NOT_FOUND");
  }

  @Test
  void compactionsRunOnTheFamilyAndLevelsAskedFor() {
    CompactRequest request =
        CompactRequest.newBuilder().setDb(DB.KV).setCf("lock").setFromKey(utf8("a")).build();
    debug.compact(request);
    debug.compact(
        request.toBuilder().setBottommostLevelCompaction(BottommostLevelCompaction.Force).build());
    assertThat(calls).containsExactly("compact LOCK a  false", "compact LOCK a  true");
  }

  @Test
  void identityRegionsAndMetricsAreTold() {
    metrics.counter("tikv_some_count", "Some.").add(4);
    assertThat(debug.getStoreInfo(GetStoreInfoRequest.getDefaultInstance()).getApiVersion())
        .isEqualTo(APIVersion.V2);
    assertThat(debug.getClusterInfo(GetClusterInfoRequest.getDefaultInstance()).getClusterId())
        .isEqualTo(77);
    assertThat(
            debug
                .getAllRegionsInStore(GetAllRegionsInStoreRequest.getDefaultInstance())
                .getRegionsList())
        .containsExactly(2L);
    GetMetricsResponse all = debug.getMetrics(GetMetricsRequest.newBuilder().setAll(true).build());
    assertThat(all.getPrometheus()).contains("tikv_some_count 4");
    assertThat(all.getRocksdbKv()).isEqualTo("rocksdb.x/lock: 5\n");
  }

  @Test
  void configurationChangesArePersistedAndRefusalsNameTheItem() {
    debug.modifyTikvConfig(modification("gc.batch-keys"));
    assertThat(calls).containsExactly("config {gc.batch-keys=1} true");
    assertThatThrownBy(() -> debug.modifyTikvConfig(modification("frozen")))
        .hasMessageContaining("INVALID_ARGUMENT")
        .hasMessageContaining("frozen");
  }

  private static ModifyTikvConfigRequest modification(String name) {
    return ModifyTikvConfigRequest.newBuilder().setConfigName(name).setConfigValue("1").build();
  }

  private Object store(String method, Object[] arguments) {
    Peer peer = Peer.newBuilder().setId(4).setStoreId(1).build();
    Region region = Region.newBuilder().setId(2).setStartKey(utf8("a")).addPeers(peer).build();
    RegionStatus status = new RegionStatus(region, peer, peer, 6, 11, false);
    return switch (method) {
      case "storeId" -> 1L;
      case "clusterId" -> 77L;
      case "regions" -> List.of(status);
      case "region" -> (long) arguments[0] == 2 ? Optional.of(status) : Optional.empty();
      default -> throw new IllegalStateException(method);
    };
  }

  private Object engine(String method, Object[] arguments) {
    switch (method) {
      case "get" -> {
        String key = text(arguments[1]);
        return key.equals("absent")
            ? null
            : (((Cf) arguments[0]).wireName() + ":" + key).getBytes(StandardCharsets.UTF_8);
      }
      case "approximateSize" -> {
        calls.add("size " + arguments[0] + " " + text(arguments[1]) + " " + text(arguments[2]));
        return 1L;
      }
      case "compactRange" -> {
        calls.add(
            "compact %s %s %s %s"
                .formatted(arguments[0], text(arguments[1]), text(arguments[2]), arguments[3]));
        return null;
      }
      case "statistics" -> {
        return new EngineStatistics(Map.of("rocksdb.x/lock", 5L), List.of(), 0, 0, 0, false);
      }
      default -> throw new IllegalStateException(method);
    }
  }

  private static String text(Object key) {
    return new String((byte[]) key, StandardCharsets.UTF_8);
  }

  private static ByteString utf8(String text) {
    return ByteString.copyFromUtf8(text);
  }

  private interface Answers {
    Object answer(String method, Object[] arguments);
  }

  private static <T> T fake(Class<T> type, Answers answers) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> answers.answer(method.getName(), arguments)));
  }

  private final class Config implements OnlineConfig {
    @Override
    public Object tree() {
      return Map.of();
    }

    @Override
    public void change(Map<String, String> items, boolean persist) {
      if (items.containsKey("frozen")) {
        throw new HttpException(400, "frozen cannot be changed online");
      }
      calls.add("config " + items + " " + persist);
    }

    @Override
    public void reload() {}
  }
}
