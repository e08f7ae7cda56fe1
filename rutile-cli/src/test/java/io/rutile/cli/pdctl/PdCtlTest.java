package io.rutile.cli.pdctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rutile.pd.PdServer;
import io.rutile.pd.PdServerConfig;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.metapb.RegionEpoch;
import io.rutile.proto.metapb.Store;
import io.rutile.proto.pdpb.BootstrapRequest;
import io.rutile.proto.pdpb.PDGrpc;
import io.rutile.proto.pdpb.RequestHeader;
import io.rutile.rpc.channel.ChannelOptions;
import io.rutile.rpc.channel.ChannelPool;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jline.terminal.Terminal;
import org.jline.terminal.impl.DumbTerminal;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** pd-ctl against a member in this process, by the command line and by the shell. */
class PdCtlTest {
  @TempDir static Path directory;
  private static PdServer pd;

  @BeforeAll
  static void start() {
    pd = PdServer.start(PdServerConfig.single("pd", directory.resolve("pd"), "127.0.0.1", 0));
    try (ChannelPool channels = new ChannelPool(ChannelOptions.DEFAULT)) {
      PDGrpc.newBlockingStub(channels.channel(pd.clientUrl()))
          .bootstrap(
              BootstrapRequest.newBuilder()
                  .setHeader(RequestHeader.newBuilder().setClusterId(pd.clusterId()))
                  .setStore(
                      Store.newBuilder().setId(1).setAddress("127.0.0.1:20160").setVersion("8.5.0"))
                  .setRegion(
                      Region.newBuilder()
                          .setId(2)
                          .setRegionEpoch(RegionEpoch.newBuilder().setConfVer(1).setVersion(1))
                          .addPeers(Peer.newBuilder().setId(3).setStoreId(1)))
                  .build());
    }
  }

  @AfterAll
  static void stop() {
    pd.close();
  }

  private static String run(String line) {
    try (PdHttp http = new PdHttp(pd.clientUrl())) {
      return VerbTable.all().run(http, List.of(line.split(" ")));
    }
  }

  private static JsonNode json(String line) {
    return JsonMapper.shared().readTree(run(line));
  }

  @Test
  void showsTheClusterAsJson() {
    assertThat(json("member").get("leader").get("name").asString()).isEqualTo("pd");
    assertThat(json("health").get(0).get("health").asBoolean()).isTrue();
    assertThat(json("store 1").get("store").get("address").asString()).isEqualTo("127.0.0.1:20160");
    assertThat(json("stores --state=Up").get("count").asInt()).isEqualTo(1);
    assertThat(json("region 2").get("id").asInt()).isEqualTo(2);
    assertThat(json("region key --format=raw any").get("id").asInt()).isEqualTo(2);
    assertThat(json("region store 1").get("count").asInt()).isEqualTo(1);
    assertThat(json("hot write").has("as_leader")).isTrue();
    assertThat(json("keyspace show name DEFAULT").get("id").asInt()).isZero();
    assertThat(json("service-gc-safepoint").has("gc_safe_point")).isTrue();
    assertThat(run("tso 452177138499584001")).contains("logic:   1");
    assertThat(run("ping")).isEqualTo("pong");
  }

  @Test
  void changesWhatCanBeChanged() {
    assertThat(run("config set leader-schedule-limit 7")).startsWith("Success!");
    assertThat(json("config show").get("schedule").get("leader-schedule-limit").asInt())
        .isEqualTo(7);
    assertThat(run("store weight 1 2 3")).startsWith("Success!");
    assertThat(json("store 1").get("status").get("leader_weight").asDouble()).isEqualTo(2);
    assertThat(run("store label 1 zone a")).startsWith("Success!");
    assertThat(json("label store zone a").get("count").asInt()).isEqualTo(1);
    assertThat(run("store limit all 20")).startsWith("Success!");
    assertThat(json("store limit").get("1").get("add-peer").asDouble()).isEqualTo(20);
    assertThat(run("scheduler add grant-leader-scheduler 1")).startsWith("Success!");
    assertThat(run("scheduler show")).contains("grant-leader-scheduler");
    assertThat(run("scheduler pause all 5")).startsWith("Success!");
    assertThat(run("scheduler resume all")).startsWith("Success!");
    assertThat(run("scheduler remove grant-leader-scheduler-1")).startsWith("Success!");
    assertThat(json("operator show").size()).isZero();
  }

  @Test
  void keepsRulesInFiles() throws Exception {
    Path file = directory.resolve("rules.json");
    assertThat(run("config placement-rules load --out=" + file)).contains("saved");
    String rules = Files.readString(file);
    assertThat(rules).contains("\"default\"");
    Files.writeString(
        file,
        """
        [{"group_id":"t","id":"x","role":"learner","count":1},
         {"group_id":"t","id":"y","role":"learner","count":0}]\
        """);
    assertThat(run("config placement-rules save --in=" + file)).startsWith("Success!");
    assertThat(json("config placement-rules show --group=t").get(0).get("id").asString())
        .isEqualTo("x");
    assertThat(run("config placement-rules rule-bundle delete t")).startsWith("Success!");
    assertThat(json("config placement-rules show").size()).isEqualTo(1);
  }

  @Test
  void saysWhatIsWrong() {
    assertThatThrownBy(() -> run("store 99"))
        .hasMessageContaining("[404]")
        .hasMessageContaining("99");
    assertThatThrownBy(() -> run("fly away")).hasMessageContaining("unknown verb fly away");
    assertThatThrownBy(() -> run("store weight 1")).hasMessageContaining("usage: store weight");
    assertThatThrownBy(() -> run("config set max-replicas 0")).hasMessageContaining("max-replicas");

    StringWriter err = new StringWriter();
    int code =
        new CommandLine(new PdCtlCommand())
            .setErr(new PrintWriter(err))
            .execute("-u", "http://127.0.0.1:1", "member");
    assertThat(code).isEqualTo(1);
    assertThat(err.toString()).startsWith("Failed! cannot reach PD at http://127.0.0.1:1");
  }

  @Test
  void runsLineByLineInTheShell() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] lines = "cluster\nfly\nhelp tso\nexit\n".getBytes(StandardCharsets.UTF_8);
    Path history = directory.resolve("history");
    try (Terminal terminal = new DumbTerminal(new ByteArrayInputStream(lines), out);
        PdHttp http = new PdHttp(pd.clientUrl())) {
      new Shell(VerbTable.all(), http).run(terminal, history);
    }
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("max_peer_count")
        .contains("Failed! unknown verb fly")
        .contains("take a timestamp apart");
    assertThat(history).content().contains("cluster");
  }
}
