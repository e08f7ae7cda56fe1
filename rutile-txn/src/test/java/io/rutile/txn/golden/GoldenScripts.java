package io.rutile.txn.golden;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** The scripts, and what comes of running them. */
public final class GoldenScripts {
  /** Every script under {@code src/test/resources/golden}. */
  public static final List<String> NAMES =
      List.of(
          "check_txn_status.txt",
          "commit_and_rollback.txt",
          "flashback.txt",
          "pessimistic.txt",
          "pipelined.txt",
          "prewrite.txt",
          "reads.txt",
          "worked_sequences.txt");

  private GoldenScripts() {}

  /** The lines of a script. */
  public static List<String> read(String name) {
    try (InputStream in = GoldenScripts.class.getResourceAsStream("/golden/" + name)) {
      if (in == null) {
        throw new IllegalArgumentException("no script " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The script with every answer replaced by that of an executor. A line {@code ##} begins afresh
   * with another one.
   */
  public static List<String> answer(
      List<String> script, Supplier<? extends ScriptExecutor> executors) {
    List<String> out = new ArrayList<>();
    ScriptExecutor executor = executors.get();
    try {
      for (String line : script) {
        if (line.startsWith("  ")) {
          continue;
        }
        out.add(line);
        if (line.startsWith("## ")) {
          executor.close();
          executor = executors.get();
        } else if (!line.isBlank() && !line.startsWith("#")) {
          out.add("  " + answer(executor, line));
        }
      }
    } finally {
      executor.close();
    }
    return out;
  }

  private static String answer(ScriptExecutor executor, String line) {
    if (executor.control(line.trim())) {
      return "ok";
    }
    ScriptLine parsed = new ScriptLine(line);
    var request = ScriptVerbs.request(parsed);
    parsed.checkUsed();
    return ResponseText.of(executor.execute(request));
  }

  /**
   * The first answer of the pure commands that is not as written in the scripts, with the scenario
   * that it belongs to; empty when there is none.
   */
  public static String firstDifference() {
    for (String name : NAMES) {
      List<String> script = read(name);
      List<String> answers = answer(script, CommandExecutor::new);
      String scenario = "";
      for (int i = 0; i < script.size(); i++) {
        if (script.get(i).startsWith("## ")) {
          scenario = script.get(i).substring(3);
        }
        if (i >= answers.size() || !answers.get(i).equals(script.get(i))) {
          return name + ": " + scenario;
        }
      }
    }
    return "";
  }
}
