package io.rutile.raft.golden;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Runs every script in {@code src/test/resources/golden}. A script's lines are verbs; the indented
 * lines after a verb are what must happen. {@code -Drewrite=true} writes what does happen into the
 * scripts, to be read before it is committed.
 */
class GoldenScriptTest {
  private static final Path SCRIPTS = Path.of("src/test/resources/golden");
  private static final String INDENT = "  ";

  @TestFactory
  List<DynamicTest> scripts() throws IOException {
    try (Stream<Path> files = Files.list(SCRIPTS)) {
      return files
          .filter(file -> file.toString().endsWith(".txt"))
          .sorted()
          .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> check(file)))
          .toList();
    }
  }

  private static void check(Path file) throws IOException {
    List<String> expected = Files.readAllLines(file);
    List<String> actual = replay(expected);
    if (Boolean.getBoolean("rewrite")) {
      Files.write(file, actual);
    } else {
      assertThat(actual).as("trace of %s", file).isEqualTo(expected);
    }
  }

  private static List<String> replay(List<String> script) {
    ScriptWorld world = new ScriptWorld();
    List<String> lines = new ArrayList<>();
    for (String line : script) {
      if (line.startsWith(INDENT)) {
        continue;
      }
      lines.add(line);
      if (!line.isBlank() && !line.startsWith("#")) {
        world.run(line).forEach(traced -> lines.add(INDENT + traced));
      }
    }
    return lines;
  }
}
