package io.rutile.server.status;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.rutile.base.metric.MetricRegistry;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.metapb.RegionEpoch;
import io.rutile.rpc.http.HttpServer;
import io.rutile.rpc.netty.EventLoops;
import io.rutile.server.config.LiveConfig;
import io.rutile.server.config.Machine;
import io.rutile.server.config.TikvConfig;
import io.rutile.store.RegionStatus;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class StatusRoutesTest {
  private final HttpClient http = HttpClient.newHttpClient();
  private final MetricRegistry metrics = new MetricRegistry();
  private final Readiness readiness = new Readiness();
  private final List<String> levels = new ArrayList<>();
  private final AtomicBoolean connected = new AtomicBoolean();
  private EventLoops loops;
  private StatusRoutes routes;
  private Path file;
  private HttpServer server;

  @TempDir Path directory;

  @BeforeEach
  void start() throws Exception {
    file = Files.writeString(directory.resolve("tikv.toml"), "# mine\n");
    LiveConfig config =
        new LiveConfig(
            TikvConfig.load(file, Map.of(), new Machine(2, 8L << 30, 2L << 30)), file, levels::add);
    readiness.require("connected_to_pd", connected::get);
    loops = EventLoops.create("status-test", 1);
    routes =
        new StatusRoutes(
            metrics, readiness, config, id -> id == 2 ? Optional.of(region()) : Optional.empty());
    server = HttpServer.start(loops, "127.0.0.1", 0, routes.router(), null);
  }

  @AfterEach
  void stop() {
    http.close();
    routes.stop();
    server.close();
    loops.close();
  }

  @Test
  void readinessFollowsItsConditionsAndSaysWhichIsMissing() throws Exception {
    assertThat(get("/ready").statusCode()).isEqualTo(500);
    assertThat(json(get("/ready?verbose")).get("connected_to_pd").booleanValue()).isFalse();
    connected.set(true);
    assertThat(get("/ready").statusCode()).isEqualTo(200);
    assertThat(get("/status").statusCode()).isEqualTo(200);
  }

  @Test
  void metricsKeepTheirNames() throws Exception {
    metrics.counter("tikv_engine_flow_bytes", "Bytes.").add(3);
    assertThat(get("/metrics").body()).contains("\ntikv_engine_flow_bytes 3");
  }

  @Test
  void configIsShownChangedAndPersistedUnlessToldOtherwise() throws Exception {
    assertThat(json(get("/config")).at("/storage/max-key-size").intValue()).isEqualTo(8192);
    String change = "{\"log.level\": \"warn\", \"security.redact-info-log\": false}";
    assertThat(send("POST", "/config", change).statusCode()).isEqualTo(200);
    assertThat(Files.readString(file)).startsWith("# mine\n").contains("level = \"warn\"");
    assertThat(json(get("/config")).at("/log/level").stringValue()).isEqualTo("warn");

    change = "{\"log.level\": \"error\"}";
    assertThat(send("POST", "/config?persist=false", change).statusCode()).isEqualTo(200);
    assertThat(Files.readString(file)).contains("level = \"warn\"");
    assertThat(levels).containsExactly("warn", "error");
    assertThat(send("PUT", "/config/reload", "").statusCode()).isEqualTo(200);
    assertThat(json(get("/config")).at("/log/level").stringValue()).isEqualTo("warn");
  }

  @Test
  void aChangeThatCannotBeIsRefusedWithTheItemAndTheReason() throws Exception {
    HttpResponse<String> fixed = send("POST", "/config", "{\"storage.api-version\": 2}");
    assertThat(fixed.statusCode()).isEqualTo(500);
    assertThat(fixed.body())
        .isEqualTo("failed to update, error: storage.api-version cannot change while running");
    assertThat(send("POST", "/config", "{\"log.levle\": \"warn\"}").body())
        .contains("unknown item log.levle; did you mean log.level?");
    assertThat(send("POST", "/config", "{\"log.level\": 3}").body())
        .contains("log.level = \"3\": expected one of trace, debug");
    assertThat(send("POST", "/config", "[").statusCode()).isEqualTo(400);
    assertThat(send("POST", "/config", "[]").statusCode()).isEqualTo(400);
    assertThat(levels).isEmpty();
  }

  @Test
  void aRegionIsShownByTikvsFieldNamesAndAMissingOneIs404() throws Exception {
    JsonNode region = json(get("/region/2"));
    assertThat(region.at("/region_state/epoch/version").intValue()).isEqualTo(7);
    assertThat(region.at("/region_state/start_key/0").intValue()).isEqualTo(0xFF);
    assertThat(region.at("/raft_status/soft_state/raft_state").stringValue()).isEqualTo("Leader");
    assertThat(region.at("/raft_apply/applied_index").intValue()).isEqualTo(11);
    assertThat(get("/region/3").statusCode()).isEqualTo(404);
    assertThat(get("/region/x").statusCode()).isEqualTo(400);
  }

  @Test
  void theLogLevelChangesAndAnUnknownOneIsRefused() throws Exception {
    assertThat(send("PUT", "/log-level", "{\"log-level\":\"debug\"}").statusCode()).isEqualTo(200);
    assertThat(levels).containsExactly("debug");
    assertThat(Files.readString(file)).isEqualTo("# mine\n");
    assertThat(send("PUT", "/log-level", "{\"log-level\":\"loud\"}").statusCode()).isEqualTo(400);
    assertThat(send("PUT", "/log-level", "{}").statusCode()).isEqualTo(400);
  }

  @Test
  void profilesComeInTheFormThatIsAskedFor() throws Exception {
    HttpResponse<String> page = get("/debug/pprof/profile?seconds=1&frequency=100");
    assertThat(page.statusCode()).as(page.body()).isEqualTo(200);
    assertThat(page.headers().firstValue("content-type").orElseThrow()).contains("html");
    HttpRequest pprof =
        request("/debug/pprof/profile?seconds=1")
            .header("content-type", "application/protobuf")
            .build();
    assertThat(
            http.send(pprof, HttpResponse.BodyHandlers.ofString())
                .headers()
                .firstValue("content-type"))
        .contains("application/protobuf");
    assertThat(get("/debug/pprof/profile?seconds=0").statusCode()).isEqualTo(400);
    assertThat(get("/debug/pprof/profile?frequency=0").statusCode()).isEqualTo(400);
    assertThat(get("/debug/pprof/heap").body()).contains("java.lang.String");
    assertThat(get("/engine_type").body()).isEqualTo("raft-kv");
    assertThat(get("/nothing").statusCode()).isEqualTo(404);
  }

  private static RegionStatus region() {
    Peer peer = Peer.newBuilder().setId(4).setStoreId(1).build();
    Region region =
        Region.newBuilder()
            .setId(2)
            .setStartKey(ByteString.copyFrom(new byte[] {-1}))
            .setRegionEpoch(RegionEpoch.newBuilder().setVersion(7).setConfVer(1))
            .addPeers(peer)
            .build();
    return new RegionStatus(region, peer, peer, 6, 11, false);
  }

  private HttpResponse<String> get(String path) throws Exception {
    return http.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> send(String method, String path, String body) throws Exception {
    return http.send(
        request(path).method(method, BodyPublishers.ofString(body)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
  }

  private static JsonNode json(HttpResponse<String> response) {
    return JsonMapper.shared().readTree(response.body());
  }
}
