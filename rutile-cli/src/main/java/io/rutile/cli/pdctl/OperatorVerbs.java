package io.rutile.cli.pdctl;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Verbs about operators. */
final class OperatorVerbs {
  private static final String OPERATORS = "/pd/api/v1/operators";

  private OperatorVerbs() {}

  static void addTo(VerbTable table) {
    table
        .add(
            "operator show",
            "[<kind>]",
            "show what is under way",
            (pd, a) -> pd.get(OPERATORS + (a.has(0) ? "?kind=" + PdHttp.encode(a.text(0)) : "")))
        .add(
            "operator check",
            "<region id>",
            "show a region's operator, or its last one",
            (pd, a) -> pd.get(OPERATORS + "/" + a.number(0) + "?object=true"))
        .add("operator history", "", "show ended ones", (pd, a) -> pd.get(OPERATORS + "/records"))
        .add(
            "operator remove",
            "<region id>",
            "cancel a region's operator",
            (pd, a) -> pd.delete(OPERATORS + "/" + a.number(0)))
        .add(
            "operator add transfer-leader",
            "<region id> <to store>",
            "move a leader",
            (pd, a) -> add(pd, a, "transfer-leader", "region_id", "to_store_id"))
        .add(
            "operator add transfer-peer",
            "<region id> <from store> <to store>",
            "move a peer",
            (pd, a) -> add(pd, a, "transfer-peer", "region_id", "from_store_id", "to_store_id"))
        .add(
            "operator add transfer-region",
            "<region id> <store>...",
            "move a region to these stores",
            OperatorVerbs::transferRegion)
        .add(
            "operator add add-peer",
            "<region id> <store>",
            "add a voter",
            (pd, a) -> add(pd, a, "add-peer", "region_id", "store_id"))
        .add(
            "operator add add-learner",
            "<region id> <store>",
            "add a learner",
            (pd, a) -> add(pd, a, "add-learner", "region_id", "store_id"))
        .add(
            "operator add remove-peer",
            "<region id> <store>",
            "remove a peer",
            (pd, a) -> add(pd, a, "remove-peer", "region_id", "store_id"))
        .add(
            "operator add merge-region",
            "<source region> <target region>",
            "merge neighbours",
            (pd, a) -> add(pd, a, "merge-region", "source_region_id", "target_region_id"))
        .add(
            "operator add split-region",
            "<region id> [--policy=scan|approximate|usekey] [--keys=hex,...]",
            "split a region",
            OperatorVerbs::split)
        .add(
            "operator add scatter-region",
            "<region id>",
            "spread a region",
            (pd, a) -> add(pd, a, "scatter-region", "region_id"));
  }

  private static String add(PdHttp pd, Arguments arguments, String name, String... fields) {
    if (arguments.count() != fields.length) {
      throw arguments.wrong();
    }
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("name", name);
    for (int i = 0; i < fields.length; i++) {
      body.put(fields[i], arguments.number(i));
    }
    return pd.post(OPERATORS, body);
  }

  private static String transferRegion(PdHttp pd, Arguments arguments) {
    List<Long> stores = arguments.from(1).stream().map(Arguments::parse).toList();
    if (stores.isEmpty()) {
      throw arguments.wrong();
    }
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("name", "transfer-region");
    body.put("region_id", arguments.number(0));
    body.put("to_store_ids", stores);
    return pd.post(OPERATORS, body);
  }

  private static String split(PdHttp pd, Arguments arguments) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("name", "split-region");
    body.put("region_id", arguments.number(0));
    body.put("policy", arguments.option("policy", "scan"));
    String keys = arguments.option("keys", "");
    body.put("keys", keys.isEmpty() ? List.of() : List.of(keys.split(",")));
    return pd.post(OPERATORS, body);
  }
}
