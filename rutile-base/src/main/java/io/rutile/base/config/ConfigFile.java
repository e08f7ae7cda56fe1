package io.rutile.base.config;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.tomlj.Toml;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/**
 * Writes changed items into a configuration file and leaves everything else in it as it is,
 * comments too. The new file replaces the old one at once: a crash leaves one of them whole.
 */
public final class ConfigFile {
  private static final Pattern TRAILING_COMMENT = Pattern.compile("\\s+#[^\"']*$");

  private ConfigFile() {}

  /**
   * Sets items in the file; makes the file when there is none.
   *
   * @param values key to value in TOML
   * @throws ConfigException when the file cannot be read or written
   */
  public static void set(Path file, Map<String, String> values) {
    try {
      String text = Files.exists(file) ? Files.readString(file) : "";
      for (Map.Entry<String, String> value : values.entrySet()) {
        text = set(text, value.getKey(), value.getValue());
      }
      replace(file, text);
    } catch (IOException e) {
      throw new ConfigException(file + ": cannot be written: " + e);
    }
  }

  static String set(String text, String key, String value) {
    List<String> path = List.of(key.split("\\."));
    TomlParseResult toml = Toml.parse(text);
    List<String> lines = new ArrayList<>(text.lines().toList());
    String assignment = path.getLast() + " = " + value;
    TomlPosition at = toml.contains(path) ? toml.inputPositionOf(path) : null;
    if (at != null && replaceLine(lines, at.line() - 1, key, value)) {
      return String.join("\n", lines) + "\n";
    }
    if (at != null) {
      throw new ConfigException(
          "line "
              + at.line()
              + ": "
              + key
              + " stands in an inline table or over several lines;"
              + " change it there by hand");
    }
    insert(lines, headerLine(toml, lines, path), path, assignment);
    return String.join("\n", lines) + "\n";
  }

  /** Replaces the value in {@code key = value}; false when the line is not just that. */
  private static boolean replaceLine(List<String> lines, int index, String key, String value) {
    String line = lines.get(index);
    int equals = line.indexOf('=');
    if (equals < 0 || !key.endsWith(line.substring(0, equals).replaceAll("[\\s\"']", ""))) {
      return false;
    }
    if (!Toml.parse(line).errors().isEmpty()) {
      return false;
    }
    var comment = TRAILING_COMMENT.matcher(line);
    String tail = comment.find() ? comment.group() : "";
    lines.set(index, line.substring(0, equals + 1) + " " + value + tail);
    return true;
  }

  /** Where the header of the item's section stands, or -1. */
  private static int headerLine(TomlParseResult toml, List<String> lines, List<String> path) {
    List<String> section = path.subList(0, path.size() - 1);
    if (section.isEmpty() || !(toml.get(section) instanceof TomlTable)) {
      return -1;
    }
    String wanted = "[" + String.join(".", section) + "]";
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).replaceAll("#.*", "").replaceAll("[\\s\"']", "").equals(wanted)) {
        return i;
      }
    }
    return -1;
  }

  private static void insert(List<String> lines, int header, List<String> path, String assignment) {
    if (header >= 0) {
      lines.add(header + 1, assignment);
    } else if (path.size() == 1) {
      lines.addFirst(assignment);
    } else {
      if (!lines.isEmpty()) {
        lines.add("");
      }
      lines.add("[" + String.join(".", path.subList(0, path.size() - 1)) + "]");
      lines.add(assignment);
    }
  }

  private static void replace(Path file, String text) throws IOException {
    Path target = file.toAbsolutePath();
    Path parent = Objects.requireNonNull(target.getParent());
    Path fresh = parent.resolve(target.getFileName() + ".new");
    Files.writeString(fresh, text);
    force(fresh, StandardOpenOption.WRITE);
    Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    force(parent, StandardOpenOption.READ);
  }

  private static void force(Path path, StandardOpenOption mode) throws IOException {
    try (FileChannel channel = FileChannel.open(path, mode)) {
      channel.force(true);
    }
  }
}
