package io.rutile.cli.pdctl;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** All verbs. The one with the most words that the input begins with is meant. */
final class VerbTable {
  private final Map<String, Verb> verbs = new TreeMap<>();

  static VerbTable all() {
    VerbTable table = new VerbTable();
    ClusterVerbs.addTo(table);
    StoreVerbs.addTo(table);
    RegionVerbs.addTo(table);
    OperatorVerbs.addTo(table);
    SchedulerVerbs.addTo(table);
    ConfigVerbs.addTo(table);
    RuleVerbs.addTo(table);
    return table;
  }

  VerbTable add(String words, String arguments, String help, Verb.Action action) {
    if (verbs.putIfAbsent(words, new Verb(words, arguments, help, action)) != null) {
      throw new IllegalArgumentException("two verbs " + words);
    }
    return this;
  }

  Collection<Verb> verbs() {
    return verbs.values();
  }

  /**
   * Runs a line of words; what to print.
   *
   * @throws PdCtlException when there is no such verb, it is used wrongly, or PD refuses
   */
  String run(PdHttp pd, List<String> words) {
    for (int length = words.size(); length > 0; length--) {
      Verb verb = find(words.subList(0, length));
      if (verb != null) {
        return verb.action()
            .run(pd, new Arguments(verb.usage(), words.subList(length, words.size())));
      }
    }
    throw new PdCtlException(
        words.isEmpty()
            ? "no verb given\n" + help("")
            : "unknown verb " + String.join(" ", words) + "\n" + help(words.getFirst()));
  }

  private @Nullable Verb find(List<String> words) {
    return verbs.get(String.join(" ", words));
  }

  /** Lines about the verbs that begin with a word; about all when none does. */
  String help(String first) {
    List<Verb> wanted =
        verbs.values().stream()
            .filter(verb -> verb.words().equals(first) || verb.words().startsWith(first + " "))
            .toList();
    StringBuilder text = new StringBuilder();
    for (Verb verb : wanted.isEmpty() ? verbs.values() : wanted) {
      text.append("  %-70s %s%n".formatted(verb.usage(), verb.help()));
    }
    return text.toString().stripTrailing();
  }
}
