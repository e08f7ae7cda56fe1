package io.rutile.txn.golden;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Runs every script under {@code src/test/resources/golden} against the pure commands. */
class GoldenScriptTest {
  private static final Path SCRIPTS = Path.of("src/test/resources/golden");
  private static final boolean REWRITE = Boolean.getBoolean("rewrite");

  @TestFactory
  Stream<DynamicTest> scripts() {
    return GoldenScripts.NAMES.stream()
        .map(name -> DynamicTest.dynamicTest(name, () -> run(SCRIPTS.resolve(name))));
  }

  private void run(Path file) throws IOException {
    List<String> script = Files.readAllLines(file);
    List<String> actual = GoldenScripts.answer(script, CommandExecutor::new);
    if (REWRITE) {
      Files.write(file, actual);
      return;
    }
    assertThat(actual).as("%s (-Drewrite=true accepts)", file).isEqualTo(script);
  }

  @Test
  void everyScriptIsNamed() throws IOException {
    try (Stream<Path> files = Files.list(SCRIPTS)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(GoldenScripts.NAMES);
    }
  }
}
