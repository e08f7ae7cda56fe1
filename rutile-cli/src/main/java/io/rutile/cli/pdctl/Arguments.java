package io.rutile.cli.pdctl;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What follows the words of a verb: plain arguments, and options {@code --name=value}. */
final class Arguments {
  private final String usage;
  private final List<String> plain = new ArrayList<>();
  private final Map<String, String> options = new LinkedHashMap<>();

  Arguments(String usage, List<String> words) {
    this.usage = usage;
    for (String word : words) {
      if (word.startsWith("--")) {
        int equals = word.indexOf('=');
        options.put(
            word.substring(2, equals < 0 ? word.length() : equals),
            equals < 0 ? "true" : word.substring(equals + 1));
      } else {
        plain.add(word);
      }
    }
  }

  int count() {
    return plain.size();
  }

  boolean has(int index) {
    return index < plain.size();
  }

  String text(int index) {
    if (!has(index)) {
      throw wrong();
    }
    return plain.get(index);
  }

  String text(int index, String otherwise) {
    return has(index) ? plain.get(index) : otherwise;
  }

  long number(int index) {
    return parse(text(index));
  }

  static long parse(String text) {
    try {
      return Long.parseUnsignedLong(text);
    } catch (NumberFormatException e) {
      throw new PdCtlException(text + " is not a whole number");
    }
  }

  double decimal(int index) {
    String text = text(index);
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new PdCtlException(text + " is not a number");
    }
  }

  List<String> from(int index) {
    return plain.subList(Math.min(index, plain.size()), plain.size());
  }

  String option(String name, String otherwise) {
    return options.getOrDefault(name, otherwise);
  }

  boolean flag(String name) {
    return options.containsKey(name);
  }

  PdCtlException wrong() {
    return new PdCtlException("usage: " + usage);
  }
}
