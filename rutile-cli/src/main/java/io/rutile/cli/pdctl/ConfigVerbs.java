package io.rutile.cli.pdctl;

import java.util.Map;

/** Verbs about settings. */
final class ConfigVerbs {
  private static final String CONFIG = "/pd/api/v1/config";
  private static final String PROPERTY = CONFIG + "/label-property";

  private ConfigVerbs() {}

  static void addTo(VerbTable table) {
    table
        .add("config show", "", "show settings of scheduling and replication", ConfigVerbs::show)
        .add("config show all", "", "show all settings", (pd, a) -> pd.get(CONFIG))
        .add(
            "config show schedule",
            "",
            "show settings of scheduling",
            (pd, a) -> pd.get(CONFIG + "/schedule"))
        .add(
            "config show replication",
            "",
            "show settings of replication",
            (pd, a) -> pd.get(CONFIG + "/replicate"))
        .add(
            "config show cluster-version",
            "",
            "show the lowest version of all stores",
            (pd, a) -> pd.get(CONFIG + "/cluster-version"))
        .add(
            "config show label-property",
            "",
            "show labels of stores that must not lead",
            (pd, a) -> pd.get(PROPERTY))
        .add(
            "config show replication-mode",
            "",
            "show the replication mode",
            (pd, a) -> pd.get(CONFIG + "/replication-mode"))
        .add(
            "config set",
            "<item> <value>",
            "change a setting",
            (pd, a) -> pd.post(CONFIG, Map.of(a.text(0), a.text(1))))
        .add(
            "config set label-property",
            "reject-leader <key> <value>",
            "keep leaders off stores with a label",
            (pd, a) -> property(pd, a, "set"))
        .add(
            "config delete label-property",
            "reject-leader <key> <value>",
            "let stores with a label lead again",
            (pd, a) -> property(pd, a, "delete"));
  }

  private static String show(PdHttp pd, Arguments arguments) {
    if (arguments.has(0)) {
      throw arguments.wrong();
    }
    return PdHttp.indented(
        "{\"schedule\": %s, \"replication\": %s}"
            .formatted(pd.get(CONFIG + "/schedule"), pd.get(CONFIG + "/replicate")));
  }

  private static String property(PdHttp pd, Arguments arguments, String action) {
    return pd.post(
        PROPERTY,
        Map.of(
            "type", arguments.text(0),
            "action", action,
            "label-key", arguments.text(1),
            "label-value", arguments.text(2)));
  }
}
