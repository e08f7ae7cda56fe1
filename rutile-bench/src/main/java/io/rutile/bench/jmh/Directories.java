package io.rutile.bench.jmh;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Temporary directories of benchmarks. */
final class Directories {
  private Directories() {}

  static Path create() {
    try {
      return Files.createTempDirectory("rutile-jmh");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void delete(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      List<Path> found = files.sorted(Comparator.reverseOrder()).toList();
      for (Path file : found) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
