package io.rutile.cli.pdctl;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Verbs about placement rules and region labels. */
final class RuleVerbs {
  private static final String CONFIG = "/pd/api/v1/config";
  private static final String VERB = "config placement-rules";
  private static final String FILE = "rules.json";

  private RuleVerbs() {}

  static void addTo(VerbTable table) {
    table
        .add(VERB + " enable", "", "let rules place peers", (pd, a) -> enable(pd, true))
        .add(VERB + " disable", "", "let max-replicas place peers", (pd, a) -> enable(pd, false))
        .add(VERB + " show", "[--group=G [--id=ID]] [--region=ID]", "show rules", RuleVerbs::show)
        .add(VERB + " load", "[--out=FILE]", "write rules to a file", RuleVerbs::load)
        .add(
            VERB + " save",
            "[--in=FILE]",
            "put the rules of a file; those with count 0 are removed",
            (pd, a) -> pd.postText(CONFIG + "/rules/batch", operations(a.option("in", FILE))))
        .add(
            VERB + " rule-group show",
            "[<id>]",
            "show groups",
            (pd, a) ->
                pd.get(
                    a.has(0)
                        ? CONFIG + "/rule_group/" + PdHttp.encode(a.text(0))
                        : CONFIG + "/rule_groups"))
        .add(
            VERB + " rule-group set",
            "<id> <index> <override>",
            "set a group",
            (pd, a) ->
                pd.post(
                    CONFIG + "/rule_group",
                    Map.of(
                        "id", a.text(0),
                        "index", a.number(1),
                        "override", Boolean.parseBoolean(a.text(2)))))
        .add(
            VERB + " rule-group delete",
            "<id>",
            "take index and override of a group back",
            (pd, a) -> pd.delete(CONFIG + "/rule_group/" + PdHttp.encode(a.text(0))))
        .add(
            VERB + " rule-bundle get",
            "<group>",
            "show a group with its rules",
            (pd, a) -> pd.get(CONFIG + "/placement-rule/" + PdHttp.encode(a.text(0))))
        .add(
            VERB + " rule-bundle set",
            "[--in=FILE]",
            "put a group with its rules",
            RuleVerbs::setBundle)
        .add(
            VERB + " rule-bundle delete",
            "<group> [--regexp]",
            "remove groups with their rules",
            (pd, a) ->
                pd.delete(
                    CONFIG
                        + "/placement-rule/"
                        + PdHttp.encode(a.text(0))
                        + (a.flag("regexp") ? "?regexp" : "")))
        .add(
            VERB + " rule-bundle load",
            "[--out=FILE]",
            "write all groups to a file",
            (pd, a) -> write(a, pd.get(CONFIG + "/placement-rule")))
        .add(
            VERB + " rule-bundle save",
            "[--in=FILE] [--partial]",
            "put the groups of a file",
            (pd, a) ->
                pd.postText(
                    CONFIG + "/placement-rule" + (a.flag("partial") ? "?partial=true" : ""),
                    read(a.option("in", FILE))))
        .add(
            "region-label show",
            "",
            "show label rules",
            (pd, a) -> pd.get(CONFIG + "/region-label/rules"));
  }

  private static String enable(PdHttp pd, boolean on) {
    return pd.post(CONFIG, Map.of("enable-placement-rules", String.valueOf(on)));
  }

  private static String show(PdHttp pd, Arguments arguments) {
    return pd.get(page(arguments));
  }

  private static String page(Arguments arguments) {
    String group = PdHttp.encode(arguments.option("group", ""));
    if (arguments.flag("region")) {
      return CONFIG + "/rules/region/" + Arguments.parse(arguments.option("region", ""));
    }
    if (arguments.flag("id")) {
      return CONFIG + "/rule/" + group + "/" + PdHttp.encode(arguments.option("id", ""));
    }
    return group.isEmpty() ? CONFIG + "/rules" : CONFIG + "/rules/group/" + group;
  }

  private static String load(PdHttp pd, Arguments arguments) {
    return write(arguments, pd.get(page(arguments)));
  }

  private static String write(Arguments arguments, String text) {
    Path file = Path.of(arguments.option("out", FILE));
    try {
      Files.writeString(file, text + "\n");
      return "rules saved to file " + file;
    } catch (IOException e) {
      throw new PdCtlException("cannot write " + file + ": " + e.getMessage());
    }
  }

  private static String read(String name) {
    try {
      return Files.readString(Path.of(name));
    } catch (IOException e) {
      throw new PdCtlException("cannot read " + name + ": " + e.getMessage());
    }
  }

  /** Rules of a file as operations of a batch. */
  private static String operations(String name) {
    return RuleFile.toOperations(read(name));
  }

  private static String setBundle(PdHttp pd, Arguments arguments) {
    String bundle = read(arguments.option("in", FILE));
    return pd.postText(
        CONFIG + "/placement-rule/" + PdHttp.encode(RuleFile.groupOf(bundle)), bundle);
  }
}
