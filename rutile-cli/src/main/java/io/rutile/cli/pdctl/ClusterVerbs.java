package io.rutile.cli.pdctl;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Verbs about members, health, the cluster as a whole, keyspaces, safe points. */
final class ClusterVerbs {
  private static final String V1 = "/pd/api/v1";
  private static final String KEYSPACES = "/pd/api/v2/keyspaces";
  private static final int LOGICAL_BITS = 18;

  private ClusterVerbs() {}

  static void addTo(VerbTable table) {
    table
        .add("cluster", "", "show the cluster", (pd, a) -> pd.get(V1 + "/cluster"))
        .add("cluster status", "", "show its state", (pd, a) -> pd.get(V1 + "/cluster/status"))
        .add("health", "", "show whether members answer", (pd, a) -> pd.get(V1 + "/health"))
        .add("ping", "", "measure an answer of PD", (pd, a) -> ping(pd))
        .add("member", "", "show all members", (pd, a) -> pd.get(V1 + "/members"))
        .add("member leader show", "", "show the leader", (pd, a) -> pd.get(V1 + "/leader"))
        .add(
            "member leader resign",
            "",
            "let another member lead",
            (pd, a) -> pd.post(V1 + "/leader/resign", Map.of()))
        .add(
            "member leader transfer",
            "<name>",
            "let this member lead",
            (pd, a) -> pd.post(V1 + "/leader/transfer/" + PdHttp.encode(a.text(0)), Map.of()))
        .add(
            "member leader_priority",
            "<name> <priority>",
            "prefer members with a higher priority as leader",
            (pd, a) ->
                pd.post(
                    V1 + "/members/name/" + PdHttp.encode(a.text(0)),
                    Map.of("leader-priority", a.number(1))))
        .add(
            "member delete name",
            "<name>",
            "remove a member",
            (pd, a) -> pd.delete(V1 + "/members/name/" + PdHttp.encode(a.text(0))))
        .add(
            "member delete id",
            "<id>",
            "remove a member",
            (pd, a) -> pd.delete(V1 + "/members/id/" + a.text(0)))
        .add("tso", "<timestamp>", "take a timestamp apart", (pd, a) -> tso(a.number(0)))
        .add(
            "min-resolved-ts",
            "",
            "show below which timestamp no lock is left",
            (pd, a) -> pd.get(V1 + "/min-resolved-ts"))
        .add(
            "service-gc-safepoint",
            "",
            "show what holds garbage collection back",
            (pd, a) -> pd.get(V1 + "/gc/safepoint"))
        .add(
            "service-gc-safepoint delete",
            "<service>",
            "let go of a service's safe point",
            (pd, a) -> pd.delete(V1 + "/gc/safepoint/" + PdHttp.encode(a.text(0))))
        .add("label", "", "show labels of stores", (pd, a) -> pd.get(V1 + "/labels"))
        .add(
            "label store",
            "<key> [<value>]",
            "show stores with a label",
            (pd, a) ->
                pd.get(
                    V1
                        + "/labels/stores?name="
                        + PdHttp.encode(a.text(0))
                        + "&value="
                        + PdHttp.encode(a.text(1, ""))))
        .add("hot read", "", "show peers that are read much", (pd, a) -> hot(pd, a, "read"))
        .add("hot write", "", "show peers that are written much", (pd, a) -> hot(pd, a, "write"))
        .add("hot store", "", "show traffic of stores", (pd, a) -> pd.get(V1 + "/hotspot/stores"));
    addKeyspaces(table);
  }

  private static void addKeyspaces(VerbTable table) {
    table
        .add(
            "keyspace list",
            "[--limit=N] [--page_token=ID]",
            "show keyspaces",
            (pd, a) ->
                pd.get(
                    KEYSPACES
                        + "?limit="
                        + a.option("limit", "100")
                        + "&page_token="
                        + a.option("page_token", "")))
        .add(
            "keyspace show name",
            "<name>",
            "show a keyspace",
            (pd, a) -> pd.get(KEYSPACES + "/" + PdHttp.encode(a.text(0))))
        .add(
            "keyspace show id",
            "<id>",
            "show a keyspace",
            (pd, a) -> pd.get(KEYSPACES + "/id/" + a.number(0)))
        .add(
            "keyspace create",
            "<name> [--config=key=value,...]",
            "make a keyspace",
            (pd, a) ->
                pd.post(
                    KEYSPACES, Map.of("name", a.text(0), "config", pairs(a.option("config", "")))))
        .add(
            "keyspace update-config",
            "<name> --update=key=value,...",
            "change its configuration",
            (pd, a) ->
                PdHttp.done(
                    pd.send(
                        "PATCH",
                        KEYSPACES + "/" + PdHttp.encode(a.text(0)) + "/config",
                        Map.of("config", pairs(a.option("update", ""))))))
        .add(
            "keyspace update-state",
            "<name> <state>",
            "enable, disable, archive or bury it",
            (pd, a) ->
                PdHttp.done(
                    pd.send(
                        "PUT",
                        KEYSPACES + "/" + PdHttp.encode(a.text(0)) + "/state",
                        Map.of("state", a.text(1)))));
  }

  private static Map<String, String> pairs(String text) {
    Map<String, String> pairs = new LinkedHashMap<>();
    for (String pair : text.split(",")) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        pairs.put(pair.substring(0, equals), pair.substring(equals + 1));
      }
    }
    return pairs;
  }

  private static String ping(PdHttp pd) {
    pd.send("GET", V1 + "/ping", null);
    return "pong";
  }

  private static String hot(PdHttp pd, Arguments arguments, String kind) {
    List<String> stores = arguments.from(0);
    StringBuilder query = new StringBuilder();
    for (String store : stores) {
      query.append(query.isEmpty() ? "?" : "&").append("store_id=").append(Arguments.parse(store));
    }
    return pd.get(V1 + "/hotspot/regions/" + kind + query);
  }

  private static String tso(long timestamp) {
    Instant physical = Instant.ofEpochMilli(timestamp >>> LOGICAL_BITS);
    long logical = timestamp & ((1L << LOGICAL_BITS) - 1);
    return "system:  %s%nlogic:   %d".formatted(physical.atOffset(ZoneOffset.UTC), logical);
  }
}
