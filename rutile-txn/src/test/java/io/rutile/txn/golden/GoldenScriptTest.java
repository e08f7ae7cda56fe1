package io.rutile.txn.golden;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Runs every script under {@code src/test/resources/golden} against the pure commands. */
class GoldenScriptTest {
  private static final Path SCRIPTS = Path.of("src/test/resources/golden");
  private static final boolean REWRITE = Boolean.getBoolean("rewrite");

  @TestFactory
  Stream<DynamicTest> scripts() throws IOException {
    try (Stream<Path> files = Files.list(SCRIPTS)) {
      List<Path> sorted = files.filter(file -> file.toString().endsWith(".txt")).sorted().toList();
      assertThat(sorted).isNotEmpty();
      return sorted.stream()
          .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> run(file)));
    }
  }

  private void run(Path file) throws IOException {
    List<String> script = Files.readAllLines(file);
    List<String> actual = answer(script);
    if (REWRITE) {
      Files.write(file, actual);
      return;
    }
    assertThat(actual).as("%s (-Drewrite=true accepts)", file).isEqualTo(script);
  }

  /** The script with every answer replaced by that of a fresh executor. "# new" begins afresh. */
  static List<String> answer(List<String> script) {
    List<String> out = new ArrayList<>();
    CommandExecutor executor = new CommandExecutor();
    try {
      for (String line : script) {
        if (line.startsWith("  ")) {
          continue;
        }
        out.add(line);
        if (line.startsWith("## ")) {
          executor.close();
          executor = new CommandExecutor();
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
}
