package io.rutile.pd.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.rutile.pd.PdHarness;
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

/** Placement rules and region labels over HTTP, as TiDB and pd-ctl use them. */
class RuleRoutesTest {
  private static final String CONFIG = "/pd/api/v1/config";

  @TempDir Path directory;
  private PdHarness pd;

  @BeforeEach
  void start() {
    pd = new PdHarness(directory);
    pd.bootstrap(3);
  }

  @AfterEach
  void stop() {
    pd.close();
  }

  private List<String> ids(String path) {
    return StreamSupport.stream(pd.get(path).spliterator(), false)
        .map(rule -> rule.get("id").asString())
        .toList();
  }

  private void assertRefused(String path, String body, String words) {
    HttpResponse<String> answer = pd.send("POST", CONFIG + path, body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
    assertThat(answer.body()).contains(words);
  }

  @Test
  void keepsRulesOverARestart() {
    JsonNode first = pd.get(CONFIG + "/rules").get(0);
    assertThat(first.get("group_id").asString()).isEqualTo("pd");
    assertThat(first.get("count").asInt()).isEqualTo(3);

    pd.post(
        CONFIG + "/rule",
        """
        {"group_id":"t","id":"r","role":"learner","count":1,
         "start_key":"7480000000000000ff5f00000000000000f8","end_key":""}\
        """);
    assertThat(ids(CONFIG + "/rules/group/t")).containsExactly("r");
    assertThat(ids(CONFIG + "/rules/key/7480000000000000ff5f00000000000000f8"))
        .containsExactly("default", "r");
    pd.restart();
    assertThat(pd.get(CONFIG + "/rule/t/r").get("role").asString()).isEqualTo("learner");

    assertThat(pd.send("DELETE", CONFIG + "/rule/t/r", "").statusCode()).isEqualTo(200);
    assertThat(pd.send("GET", CONFIG + "/rule/t/r", "").statusCode()).isEqualTo(404);
  }

  @Test
  void refusesIllegalRulesAndChangesNothing() {
    assertRefused("/rule", "{\"group_id\":\"t\"", "not a JSON object");
    assertRefused(
        "/rule", "{\"group_id\":\"t\",\"id\":\"r\",\"role\":\"voter\",\"count\":0}", "count 0");
    assertRefused(
        "/rule",
        """
        {"group_id":"t","id":"r","role":"voter","count":1,
         "label_constraints":[{"key":"zone","op":"in","values":["nowhere"]}]}\
        """,
        "can not match any store");
    assertRefused(
        "/rule",
        "{\"group_id\":\"t\",\"id\":\"r\",\"role\":\"voter\",\"count\":1,\"start_key\":\"7a\"}",
        "start key should be encoded in table mode");
    assertRefused(
        "/rule",
        "{\"group_id\":\"pd\",\"id\":\"default\",\"role\":\"follower\",\"count\":3}",
        "needs at least one leader or voter");
    assertThat(pd.send("DELETE", CONFIG + "/rule/pd/default", "").statusCode()).isEqualTo(400);
    assertThat(ids(CONFIG + "/rules")).containsExactly("default");
  }

  @Test
  void theDefaultRuleFollowsTheSectionAsLongAsItIsAlone() {
    pd.post(CONFIG, "{\"max-replicas\": 2}");
    assertThat(pd.get(CONFIG + "/rule/pd/default").get("count").asInt()).isEqualTo(2);

    pd.post(CONFIG + "/rule", "{\"group_id\":\"t\",\"id\":\"r\",\"role\":\"voter\",\"count\":1}");
    assertRefused("", "{\"max-replicas\": 3}", "not only default rule exists");
    assertThat(pd.get(CONFIG + "/replicate").get("max-replicas").asInt()).isEqualTo(2);
  }

  @Test
  void bundlesReplaceAGroupAsAWhole() {
    pd.post(
        CONFIG + "/placement-rule/t",
        """
        {"group_id":"t","group_index":5,"group_override":true,
         "rules":[{"id":"x","role":"voter","count":2},{"id":"y","role":"learner","count":1}]}\
        """);
    assertThat(ids(CONFIG + "/rules/key/00")).containsExactly("x", "y");
    assertThat(pd.get(CONFIG + "/rule_group/t").get("override").asBoolean()).isTrue();
    assertThat(pd.get(CONFIG + "/placement-rule/t").get("rules").size()).isEqualTo(2);

    pd.post(
        CONFIG + "/rules/batch",
        """
        [{"action":"del","group_id":"t","id":"y"},
         {"action":"add","group_id":"t","id":"z","role":"voter","count":1}]\
        """);
    assertThat(ids(CONFIG + "/rules/group/t")).containsExactly("x", "z");
    pd.post(
        CONFIG + "/placement-rule",
        "[{\"group_id\":\"pd\",\"rules\":[{\"id\":\"default\",\"role\":\"voter\",\"count\":3}]}]");
    assertThat(pd.get(CONFIG + "/placement-rule").size()).isEqualTo(1);
    assertThat(pd.get(CONFIG + "/rule_groups").size()).isEqualTo(1);
  }

  @Test
  void everyKeyspaceHasItsBoundaries() {
    assertThat(ids(CONFIG + "/region-label/rules")).containsExactly("keyspaces/0");
    pd.post("/pd/api/v2/keyspaces", "{\"name\":\"one\"}");
    JsonNode rule = pd.get(CONFIG + "/region-label/rule/keyspaces%2F1");
    assertThat(rule.get("data").get(1).get("start_key").asString()).isEqualTo("7800000100000000fb");
    assertThat(rule.get("data").get(1).get("end_key").asString()).isEqualTo("7800000200000000fb");
  }

  @Test
  void labelRulesSplitRegionsAndLabelThem() {
    pd.post(
        CONFIG + "/region-label/rule",
        """
        {"id":"a/b","labels":[{"key":"schedule","value":"deny"}],"rule_type":"key-range",
         "data":[{"start_key":"61","end_key":"62"}]}\
        """);
    assertThat(pd.get(CONFIG + "/region-label/rule/a%2Fb").get("index").asInt()).isZero();
    pd.report(PdHarness.healthy(PdHarness.region(2, "", "", 1, 1)).build());
    Awaitility.await()
        .until(() -> pd.orders.stream().anyMatch(o -> o.getSplitRegion().getKeysCount() == 6));

    pd.report(
        PdHarness.healthy(PdHarness.region(3, "", "a", 2, 1)).build(),
        PdHarness.healthy(PdHarness.region(4, "a", "b", 2, 1)).build());
    assertThat(pd.get("/pd/api/v1/region/id/4/labels").get(0).get("value").asString())
        .isEqualTo("deny");
    assertThat(pd.get("/pd/api/v1/region/id/3/labels").size()).isZero();

    assertThat(
            pd.send("PATCH", CONFIG + "/region-label/rules", "{\"deletes\":[\"a/b\"]}")
                .statusCode())
        .isEqualTo(200);
    assertThat(ids(CONFIG + "/region-label/rules")).doesNotContain("a/b");
    assertRefused(
        "/region-label/rule",
        "{\"id\":\"x\",\"labels\":[],\"rule_type\":\"key-range\",\"data\":[]}",
        "no region labels");
  }
}
