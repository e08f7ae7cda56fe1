package io.rutile.cli.pdctl;

import java.util.LinkedHashMap;
import java.util.Map;

/** Verbs about schedulers. */
final class SchedulerVerbs {
  private static final String SCHEDULERS = "/pd/api/v1/schedulers";
  private static final String SETTINGS = "/pd/api/v1/scheduler-config";

  private SchedulerVerbs() {}

  static void addTo(VerbTable table) {
    table
        .add(
            "scheduler show",
            "[--status=paused|disabled]",
            "show schedulers",
            (pd, a) ->
                pd.get(SCHEDULERS + (a.flag("status") ? "?status=" + a.option("status", "") : "")))
        .add(
            "scheduler add",
            "<name> [<store id>]",
            "add one, or a store to it",
            SchedulerVerbs::add)
        .add(
            "scheduler remove",
            "<name>[-<store id>]",
            "remove one, or a store of it",
            (pd, a) -> pd.delete(SCHEDULERS + "/" + PdHttp.encode(a.text(0))))
        .add(
            "scheduler pause",
            "<name>|all <seconds>",
            "let one rest",
            (pd, a) -> pause(pd, a.text(0), a.number(1)))
        .add("scheduler resume", "<name>|all", "let one go on", (pd, a) -> pause(pd, a.text(0), 0))
        .add(
            "scheduler describe",
            "<name>",
            "show why it proposes nothing",
            (pd, a) -> pd.get(SCHEDULERS + "/diagnostic/" + PdHttp.encode(a.text(0))))
        .add(
            "scheduler config",
            "<name>",
            "show how it is set",
            (pd, a) -> pd.get(SETTINGS + "/" + PdHttp.encode(a.text(0)) + "/list"))
        .add(
            "scheduler config add-store",
            "<name> <store id>",
            "add a store",
            (pd, a) ->
                pd.post(
                    SETTINGS + "/" + PdHttp.encode(a.text(0)) + "/config",
                    Map.of("store_id", a.number(1))))
        .add(
            "scheduler config delete-store",
            "<name> <store id>",
            "remove a store",
            (pd, a) ->
                pd.delete(SETTINGS + "/" + PdHttp.encode(a.text(0)) + "/delete/" + a.number(1)));
  }

  private static String add(PdHttp pd, Arguments arguments) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("name", arguments.text(0));
    if (arguments.has(1)) {
      body.put("store_id", arguments.number(1));
    }
    return pd.post(SCHEDULERS, body);
  }

  private static String pause(PdHttp pd, String name, long seconds) {
    return pd.post(SCHEDULERS + "/" + PdHttp.encode(name), Map.of("delay", seconds));
  }
}
