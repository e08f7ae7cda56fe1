package io.rutile.pd.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.rutile.pd.PdHarness;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.pdpb.QueryStats;
import io.rutile.proto.pdpb.TimeInterval;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Schedulers, operators, hot spots, limits and figures over HTTP: shapes and refusals. */
class SchedulingRoutesTest {
  private static final String V1 = "/pd/api/v1";

  @TempDir Path directory;
  private PdHarness pd;

  @BeforeEach
  void start() {
    pd = new PdHarness(directory);
    pd.bootstrap(4);
    pd.post(V1 + "/config", "{\"schedule.enable-make-up-replica\": false}");
  }

  @AfterEach
  void stop() {
    pd.close();
  }

  private List<String> texts(String path) {
    return StreamSupport.stream(pd.get(path).spliterator(), false).map(JsonNode::asString).toList();
  }

  private void assertAnswer(String method, String path, String body, int status, String words) {
    HttpResponse<String> answer = pd.send(method, V1 + path, body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.body()).contains(words);
  }

  @Test
  void schedulersStayAsTheyWereSetOverARestart() {
    assertThat(texts(V1 + "/schedulers"))
        .containsExactly(
            "balance-hot-region-scheduler",
            "balance-leader-scheduler",
            "balance-region-scheduler",
            "evict-slow-store-scheduler",
            "evict-stopping-store-scheduler");
    pd.post(V1 + "/schedulers", "{\"name\":\"evict-leader-scheduler\",\"store_id\":1}");
    pd.post(V1 + "/schedulers", "{\"name\":\"evict-leader-scheduler\",\"store_id\":2}");
    assertAnswer("DELETE", "/schedulers/balance-region-scheduler", "", 200, "removed");
    assertAnswer("DELETE", "/schedulers/evict-leader-scheduler-1", "", 200, "removed");

    pd.restart();

    assertThat(texts(V1 + "/schedulers"))
        .contains("evict-leader-scheduler")
        .doesNotContain("balance-region-scheduler");
    JsonNode settings = pd.get(V1 + "/scheduler-config/evict-leader-scheduler/list");
    assertThat(settings.get("store-id-ranges").has("2")).isTrue();
    assertThat(settings.get("store-id-ranges").has("1")).isFalse();
    pd.post(V1 + "/schedulers", "{\"name\":\"balance-region-scheduler\"}");
    assertThat(texts(V1 + "/schedulers")).contains("balance-region-scheduler");
  }

  @Test
  void refusesSchedulersThatMakeNoSense() {
    assertAnswer("POST", "/schedulers", "{\"name\":\"boss\"}", 400, "unknown scheduler boss");
    assertAnswer(
        "POST", "/schedulers", "{\"name\":\"balance-leader-scheduler\"}", 400, "already exists");
    assertAnswer("POST", "/schedulers", "{\"name\":\"evict-leader-scheduler\"}", 400, "store_id");
    assertAnswer(
        "POST",
        "/schedulers",
        "{\"name\":\"evict-leader-scheduler\",\"store_id\":99}",
        404,
        "not found");
    assertAnswer("DELETE", "/schedulers/evict-leader-scheduler-1", "", 404, "not found");
    assertAnswer("POST", "/schedulers/boss", "{\"delay\":1}", 404, "not found");
  }

  @Test
  void pausesAndExplains() {
    pd.post(V1 + "/schedulers/balance-leader-scheduler", "{\"delay\":60}");
    assertThat(texts(V1 + "/schedulers?status=paused")).containsExactly("balance-leader-scheduler");
    pd.post(V1 + "/schedulers/all", "{\"delay\":0}");
    assertThat(texts(V1 + "/schedulers?status=paused")).isEmpty();

    pd.report(PdHarness.healthy(PdHarness.region(2, "", "", 1, 1)).build());
    Awaitility.await()
        .until(() ->
            pd.get(V1 + "/schedulers/diagnostic/balance-leader-scheduler")
                .get("summary")
                .asString()
                .equals("leaders are balanced"));
    assertThat(
            pd.get(V1 + "/schedulers/diagnostic/grant-leader-scheduler").get("status").asString())
        .isEqualTo("disabled");
  }

  private void threeRegions() {
    pd.report(
        PdHarness.healthy(PdHarness.region(2, "", "b", 2, 1, 2, 3)).build(),
        PdHarness.healthy(PdHarness.region(3, "b", "c", 2, 1, 2, 3)).build(),
        PdHarness.healthy(PdHarness.region(4, "d", "", 2, 1, 2, 3)).build());
  }

  @Test
  void operatorsByHand() {
    threeRegions();
    pd.post(V1 + "/operators", "{\"name\":\"transfer-leader\",\"region_id\":3,\"to_store_id\":2}");
    JsonNode operator = pd.get(V1 + "/operators/3?object=true");
    assertThat(operator.get("desc").asString()).isEqualTo("admin-transfer-leader");
    assertThat(operator.get("status").asString()).isEqualTo("RUNNING");
    assertThat(texts(V1 + "/operators?kind=admin").getFirst())
        .contains("region 3", "transfer leader from store 1 to store 2", "running for");
    Awaitility.await()
        .until(() ->
            pd.orders.stream().anyMatch(o -> o.getTransferLeader().getPeer().getStoreId() == 2));
    assertAnswer("DELETE", "/operators/3", "", 200, "canceled");
    assertThat(pd.get(V1 + "/operators/records").get(0).get("status").asString())
        .isEqualTo("CANCEL");

    assertAnswer(
        "POST",
        "/operators",
        "{\"name\":\"transfer-leader\",\"region_id\":99,\"to_store_id\":2}",
        404,
        "region 99 not found");
    assertAnswer(
        "POST",
        "/operators",
        "{\"name\":\"transfer-leader\",\"region_id\":3,\"to_store_id\":4}",
        400,
        "region 3 has no peer in store 4");
    assertAnswer(
        "POST",
        "/operators",
        "{\"name\":\"merge-region\",\"source_region_id\":2,\"target_region_id\":4}",
        400,
        "not adjacent");
    assertAnswer("POST", "/operators", "{\"name\":\"fly\"}", 400, "unknown operator fly");
    assertAnswer("DELETE", "/operators/3", "", 404, "not found");
  }

  @Test
  void showsGapsAndReplication() {
    threeRegions();
    assertThat(pd.get(V1 + "/regions/range-holes").get(0).get(0).asString()).isEqualTo("63");
    assertThat(pd.get(V1 + "/regions/replicated?startKey=&endKey=63").asString())
        .isEqualTo("REPLICATED");
    assertThat(pd.get(V1 + "/regions/size?limit=1").get("count").asInt()).isEqualTo(1);
  }

  @Test
  void showsHotPeersWithTheirTraffic() {
    Region region = PdHarness.region(2, "", "", 2, 1, 2, 3);
    pd.report(
        PdHarness.healthy(region)
            .setBytesWritten(10L << 20)
            .setKeysWritten(10_000)
            .setBytesRead(20L << 20)
            .setKeysRead(20_000)
            .setQueryStats(QueryStats.newBuilder().setPut(5_000).setGet(7_000))
            .setInterval(TimeInterval.newBuilder().setStartTimestamp(100).setEndTimestamp(110))
            .build());

    Awaitility.await()
        .until(() ->
            pd.get(V1 + "/hotspot/regions/write")
                    .get("as_peer")
                    .get("2")
                    .get("regions_count")
                    .asInt()
                == 1);
    JsonNode write = pd.get(V1 + "/hotspot/regions/write");
    assertThat(
            write.get("as_leader").get("1").get("statistics").get(0).get("flow_query").asDouble())
        .isEqualTo(500);
    assertThat(write.get("as_leader").get("2").get("regions_count").asInt()).isZero();
    JsonNode read = pd.get(V1 + "/hotspot/regions/read?store_id=1");
    assertThat(read.get("as_peer").get("1").get("total_flow_bytes").asDouble()).isEqualTo(2 << 20);
    assertThat(read.get("as_peer").has("2")).isFalse();
    assertThat(pd.get(V1 + "/hotspot/stores").has("query-read-rate")).isTrue();
  }

  @Test
  void storesHaveLimitsAndLeadersAreKeptOffLabels() {
    pd.post(V1 + "/store/1/limit", "{\"type\":\"add-peer\",\"rate\":3}");
    pd.post(V1 + "/store/2/label", "{\"disk\":\"slow\"}");
    pd.post(
        V1 + "/config/label-property",
        """
        {"type":"reject-leader","action":"set","label-key":"disk","label-value":"slow"}\
        """);
    pd.restart();
    JsonNode limit = pd.get(V1 + "/stores/limit").get("1");
    assertThat(limit.get("add-peer").asDouble()).isEqualTo(3);
    assertThat(limit.get("remove-peer").asDouble()).isEqualTo(15);
    assertThat(texts(V1 + "/schedulers")).contains("label-scheduler");
    assertThat(
            pd.get(V1 + "/config/label-property")
                .get("reject-leader")
                .get(0)
                .get("value")
                .asString())
        .isEqualTo("slow");
    assertThat(pd.get(V1 + "/labels/stores?name=disk").get("count").asInt()).isEqualTo(1);
    assertAnswer("POST", "/store/1/limit", "{\"rate\":0}", 400, "must be positive");

    String metrics = pd.send("GET", "/metrics", "").body();
    assertThat(metrics)
        .contains("pd_cluster_status{type=\"store_up_count\"} 4.0")
        .contains("pd_scheduler_store_status{")
        .contains("pd_regions_status{type=\"miss-peer-region-count\"}");
  }
}
