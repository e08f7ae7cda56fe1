package io.rutile.cli.pdctl;

import java.util.LinkedHashMap;
import java.util.Map;

/** Verbs about stores. */
final class StoreVerbs {
  private static final String STORE = "/pd/api/v1/store";
  private static final String STORES = "/pd/api/v1/stores";

  private StoreVerbs() {}

  static void addTo(VerbTable table) {
    table
        .add("stores", "[--state=Up,Offline,Tombstone]", "show stores", (pd, a) -> stores(pd, a))
        .add("store", "[<id>]", "show all stores or one", StoreVerbs::show)
        .add(
            "store delete",
            "<id>",
            "move everything off a store, for good",
            (pd, a) -> pd.delete(STORE + "/" + a.number(0)))
        .add(
            "store cancel-delete",
            "<id>",
            "take a removal back",
            (pd, a) -> pd.post(STORE + "/" + a.number(0) + "/state?state=Up", Map.of()))
        .add("store label", "<id> <key> <value>... [--rewrite]", "set labels", StoreVerbs::label)
        .add(
            "store label delete",
            "<id> <key>",
            "remove a label",
            (pd, a) ->
                PdHttp.done(pd.send("DELETE", STORE + "/" + a.number(0) + "/label", a.text(1))))
        .add(
            "store weight",
            "<id> <leader> <region>",
            "set the share of leaders and data",
            (pd, a) ->
                pd.post(
                    STORE + "/" + a.number(0) + "/weight",
                    Map.of("leader", a.decimal(1), "region", a.decimal(2))))
        .add(
            "store limit",
            "[<id>|all <rate> [add-peer|remove-peer]]",
            "show or set peers per minute",
            StoreVerbs::limit)
        .add(
            "store remove-tombstone",
            "",
            "forget removed stores",
            (pd, a) -> pd.delete(STORES + "/remove-tombstone"));
  }

  private static String stores(PdHttp pd, Arguments arguments) {
    String states = arguments.option("state", "");
    StringBuilder query = new StringBuilder();
    for (String state : states.isEmpty() ? new String[0] : states.split(",")) {
      int number =
          switch (state) {
            case "Up" -> 0;
            case "Offline" -> 1;
            case "Tombstone" -> 2;
            default -> throw new PdCtlException("unknown state " + state);
          };
      query.append(query.isEmpty() ? "?" : "&").append("state=").append(number);
    }
    return pd.get(STORES + query);
  }

  private static String show(PdHttp pd, Arguments arguments) {
    return arguments.has(0) ? pd.get(STORE + "/" + arguments.number(0)) : stores(pd, arguments);
  }

  private static String label(PdHttp pd, Arguments arguments) {
    if (arguments.count() < 3 || arguments.count() % 2 == 0) {
      throw arguments.wrong();
    }
    Map<String, String> labels = new LinkedHashMap<>();
    for (int i = 1; i < arguments.count(); i += 2) {
      labels.put(arguments.text(i), arguments.text(i + 1));
    }
    String force = arguments.flag("rewrite") ? "?force=true" : "";
    return pd.post(STORE + "/" + arguments.number(0) + "/label" + force, labels);
  }

  private static String limit(PdHttp pd, Arguments arguments) {
    if (!arguments.has(0)) {
      return pd.get(STORES + "/limit");
    }
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("rate", arguments.decimal(1));
    if (arguments.has(2)) {
      body.put("type", arguments.text(2));
    }
    return arguments.text(0).equals("all")
        ? pd.post(STORES + "/limit", body)
        : pd.post(STORE + "/" + arguments.number(0) + "/limit", body);
  }
}
