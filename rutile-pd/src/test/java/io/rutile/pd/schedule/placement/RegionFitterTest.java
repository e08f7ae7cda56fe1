package io.rutile.pd.schedule.placement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rutile.base.bytes.Bytes;
import io.rutile.pd.core.StoreInfo;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.PeerRole;
import io.rutile.proto.metapb.Store;
import io.rutile.proto.metapb.StoreLabel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Fits of peers to rules, and which rules count where. */
class RegionFitterTest {
  private final Map<Long, StoreInfo> stores = new TreeMap<>();

  @BeforeEach
  void stores() {
    store(1, "zone", "a", "host", "1");
    store(2, "zone", "a", "host", "2");
    store(3, "zone", "b", "host", "3");
    store(4, "zone", "c", "host", "4");
    store(5, "zone", "a", "engine", "tiflash");
  }

  private void store(long id, String... labels) {
    Store.Builder store = Store.newBuilder().setId(id);
    for (int i = 0; i < labels.length; i += 2) {
      store.addLabels(StoreLabel.newBuilder().setKey(labels[i]).setValue(labels[i + 1]));
    }
    stores.put(id, StoreInfo.of(store.build(), 0, 0));
  }

  private static PlacementRule rule(String id, String role, int count, Object... more) {
    Map<String, Object> json = new TreeMap<>();
    json.put("group_id", "g");
    json.put("id", id);
    json.put("role", role);
    json.put("count", count);
    for (int i = 0; i < more.length; i += 2) {
      json.put((String) more[i], more[i + 1]);
    }
    return RuleJson.rule(json);
  }

  private static Object in(String key, String... values) {
    return List.of(Map.of("key", key, "op", "in", "values", List.of(values)));
  }

  /** Peers as "store" or "store learner"; the id is ten times the store's. */
  private RegionFit fit(List<PlacementRule> rules, long leader, String... peers) {
    List<Peer> all = new ArrayList<>();
    for (String peer : peers) {
      long store = Long.parseLong(peer.substring(0, 1));
      all.add(
          Peer.newBuilder()
              .setId(store * 10)
              .setStoreId(store)
              .setRole(peer.endsWith("l") ? PeerRole.Learner : PeerRole.Voter)
              .build());
    }
    return RegionFitter.fit(rules, all, leader, stores::get);
  }

  private static List<Long> on(List<Peer> peers) {
    return peers.stream().map(Peer::getStoreId).toList();
  }

  @Test
  void servesEarlierRulesFirstAndLeavesOrphans() {
    List<PlacementRule> rules =
        List.of(
            rule("a", "voter", 1, "label_constraints", in("zone", "b")),
            rule("b", "voter", 2, "label_constraints", in("zone", "a", "b")));

    RegionFit fit = fit(rules, 1, "1", "2", "3", "4");

    assertThat(on(fit.ruleFits().get(0).peers())).containsExactly(3L);
    assertThat(on(fit.ruleFits().get(1).peers())).containsExactly(1L, 2L);
    assertThat(on(fit.orphans())).containsExactly(4L);
    assertThat(fit.isSatisfied()).isFalse();
    assertThat(fit(rules, 1, "1", "2", "3").isSatisfied()).isTrue();
  }

  @Test
  void prefersRolesThatFitAndNamesThoseThatDoNot() {
    List<PlacementRule> rules = List.of(rule("v", "voter", 2), rule("l", "learner", 1));

    RegionFit fit = fit(rules, 2, "1l", "2", "3");
    assertThat(fit.isSatisfied()).isTrue();
    assertThat(on(fit.ruleFits().get(1).peers())).containsExactly(1L);

    RegionFit loose = fit(rules, 2, "1l", "2");
    assertThat(on(loose.ruleFits().get(0).peers())).containsExactly(1L, 2L);
    assertThat(on(loose.ruleFits().get(0).misfits())).containsExactly(1L);
    assertThat(loose.ruleFits().get(1).peers()).isEmpty();
  }

  @Test
  void leaderAndFollowerRulesLookAtWhoLeads() {
    List<PlacementRule> rules =
        List.of(
            rule("l", "leader", 1, "label_constraints", in("zone", "b")),
            rule("f", "follower", 2, "label_constraints", in("zone", "a")));

    assertThat(fit(rules, 3, "1", "2", "3").isSatisfied()).isTrue();
    RegionFit wrong = fit(rules, 1, "1", "2", "3");
    assertThat(on(wrong.ruleFits().get(0).misfits())).containsExactly(3L);
    assertThat(on(wrong.ruleFits().get(1).misfits())).containsExactly(1L);
    assertThat(fit(rules, 3, "1", "2", "3").compareTo(wrong)).isPositive();
  }

  @Test
  void choosesThePeersThatAreFarthestApart() {
    List<PlacementRule> rules =
        List.of(rule("v", "voter", 3, "location_labels", List.of("zone", "host")));

    RegionFit fit = fit(rules, 1, "1", "2", "3", "4");

    assertThat(on(fit.ruleFits().getFirst().peers())).containsExactly(1L, 3L, 4L);
    assertThat(fit.ruleFits().getFirst().isolation()).isEqualTo(300);
    assertThat(fit(rules, 1, "1", "3", "4").compareTo(fit(rules, 1, "1", "2", "3"))).isPositive();
  }

  @Test
  void columnarStoresServeOnlyRulesThatAskForThem() {
    List<PlacementRule> rules =
        List.of(
            rule("v", "voter", 3),
            rule("t", "learner", 1, "label_constraints", in("engine", "tiflash")));

    RegionFit fit = fit(rules, 1, "1", "2", "5l");

    assertThat(on(fit.ruleFits().get(0).peers())).containsExactly(1L, 2L);
    assertThat(on(fit.ruleFits().get(1).peers())).containsExactly(5L);
  }

  private static byte[] key(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String hex(String text) {
    return HexFormat.of().formatHex(key(text));
  }

  private static List<String> idsAt(RuleSet set, String at) {
    return set.at(key(at)).stream().map(PlacementRule::id).toList();
  }

  @Test
  void overridesDropEarlierRulesOfTheGroupAndEarlierGroups() {
    PlacementRule all = rule("all", "voter", 3);
    PlacementRule some =
        rule(
            "some",
            "voter",
            5,
            "index",
            1,
            "override",
            true,
            "start_key",
            hex("b"),
            "end_key",
            hex("d"));
    PlacementRule more = rule("more", "learner", 1, "index", 2, "start_key", hex("c"));
    RuleSet set = RuleSet.of(List.of(all, some, more), Map.of());

    assertThat(idsAt(set, "a")).containsExactly("all");
    assertThat(idsAt(set, "b")).containsExactly("some");
    assertThat(idsAt(set, "c")).containsExactly("some", "more");
    assertThat(idsAt(set, "d")).containsExactly("all", "more");
    assertThat(set.boundariesWithin(Bytes.EMPTY, Bytes.EMPTY).stream().map(String::new))
        .containsExactly("b", "c", "d");
    assertThat(set.boundariesWithin(key("b"), key("d")).stream().map(String::new))
        .containsExactly("c");

    PlacementRule other =
        RuleJson.rule(Map.of("group_id", "h", "id", "only", "role", "voter", "count", 1));
    RuleSet overridden = RuleSet.of(List.of(all, other), Map.of("h", new RuleGroup("h", 7, true)));
    assertThat(idsAt(overridden, "a")).containsExactly("only");
  }

  @Test
  void refusesRulesThatLeaveARangeWithoutVoterOrWithTwoLeaders() {
    assertThatThrownBy(() -> RuleSet.of(List.of(rule("f", "follower", 3)), Map.of()))
        .isInstanceOf(PlacementException.class)
        .hasMessageContaining("needs at least one leader or voter for range {, }");
    assertThatThrownBy(
            () -> RuleSet.of(List.of(rule("l", "leader", 1), rule("m", "leader", 1)), Map.of()))
        .hasMessageContaining("multiple leader replicas");
    assertThatThrownBy(
            () -> RuleSet.of(List.of(rule("v", "voter", 1, "start_key", hex("b"))), Map.of()))
        .hasMessageContaining("no rule for range {, 62}");
    assertThatThrownBy(() -> rule("v", "voter", 0)).hasMessageContaining("invalid count 0");
    assertThatThrownBy(() -> rule("v", "boss", 1)).hasMessageContaining("invalid role boss");
    assertThatThrownBy(() -> rule("v", "leader", 2)).hasMessageContaining("multiple leaders");
    assertThatThrownBy(() -> rule("v", "voter", 1, "start_key", "zz"))
        .hasMessageContaining("not hexadecimal");
    assertThatThrownBy(() -> rule("v", "voter", 1, "start_key", "62", "end_key", "61"))
        .hasMessageContaining("endKey should be greater than startKey");
  }
}
