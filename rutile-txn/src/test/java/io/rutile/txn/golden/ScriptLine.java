package io.rutile.txn.golden;

import com.google.protobuf.ByteString;
import io.rutile.base.codec.TimeStamp;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.IsolationLevel;
import io.rutile.proto.kvrpcpb.RequestOrigin;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One line of a script in parts: a verb, options {@code name=value}, flags, and items such as keys
 * or {@code put:k=v}. A value {@code *300} means 300 bytes. A timestamp is a number, {@code p100}
 * for the one at millisecond 100, {@code p100+3}, or {@code max}.
 */
final class ScriptLine {
  private final String verb;
  private final Map<String, String> options = new LinkedHashMap<>();
  private final List<String> items = new ArrayList<>();
  private final Set<String> used = new HashSet<>();

  ScriptLine(String line) {
    String[] parts = line.trim().split("\\s+");
    verb = parts[0];
    for (int i = 1; i < parts.length; i++) {
      String part = parts[i];
      int equals = part.indexOf('=');
      if (part.startsWith("-")) {
        options.put(part.substring(1), "true");
      } else if (equals > 0 && part.indexOf(':') < 0) {
        options.put(part.substring(0, equals), part.substring(equals + 1));
      } else {
        items.add(part);
      }
    }
  }

  String verb() {
    return verb;
  }

  List<String> items() {
    return items;
  }

  String text(String option, String otherwise) {
    used.add(option);
    return options.getOrDefault(option, otherwise);
  }

  boolean flag(String option) {
    return text(option, "").equals("true");
  }

  long number(String option, long otherwise) {
    String text = text(option, "");
    return text.isEmpty() ? otherwise : timestamp(text);
  }

  ByteString bytes(String option) {
    return bytesOf(text(option, ""));
  }

  List<Long> numbers(String option) {
    String text = text(option, "");
    List<Long> numbers = new ArrayList<>();
    for (String part : text.isEmpty() ? new String[0] : text.split(",")) {
      numbers.add(timestamp(part));
    }
    return numbers;
  }

  List<ByteString> keys() {
    return items.stream().map(ScriptLine::bytesOf).toList();
  }

  List<ByteString> keys(String option) {
    String text = text(option, "");
    List<ByteString> keys = new ArrayList<>();
    for (String part : text.isEmpty() ? new String[0] : text.split(",")) {
      keys.add(bytesOf(part));
    }
    return keys;
  }

  Context context() {
    return Context.newBuilder()
        .setIsolationLevel(IsolationLevel.valueOf(text("isolation", "SI")))
        .setReplicaRead(flag("replica"))
        .setStaleRead(flag("stale"))
        .setIsRetryRequest(flag("retry"))
        .setTxnSource(number("source", 0))
        .setRequestOrigin(RequestOrigin.RequestOriginTiDB)
        .addAllResolvedLocks(numbers("resolved"))
        .addAllCommittedLocks(numbers("committed"))
        .build();
  }

  /** Refuses options that no verb has asked for: they are spelled wrong. */
  void checkUsed() {
    for (String option : options.keySet()) {
      if (!used.contains(option)) {
        throw new IllegalArgumentException(verb + " knows no option " + option);
      }
    }
  }

  static ByteString bytesOf(String text) {
    return text.startsWith("*")
        ? ByteString.copyFromUtf8("x".repeat(Integer.parseInt(text.substring(1))))
        : ByteString.copyFromUtf8(text);
  }

  static long timestamp(String text) {
    if (text.equals("max")) {
      return TimeStamp.MAX;
    }
    if (!text.startsWith("p")) {
      return Long.parseUnsignedLong(text);
    }
    String[] parts = text.substring(1).split("\\+");
    return TimeStamp.compose(
        Long.parseLong(parts[0]), parts.length > 1 ? Long.parseLong(parts[1]) : 0);
  }
}
