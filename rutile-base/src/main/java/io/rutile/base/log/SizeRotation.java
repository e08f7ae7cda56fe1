package io.rutile.base.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.FileAppender;
import ch.qos.logback.core.rolling.RollingPolicy;
import ch.qos.logback.core.rolling.RolloverFailure;
import ch.qos.logback.core.rolling.TriggeringPolicy;
import ch.qos.logback.core.rolling.helper.CompressionMode;
import ch.qos.logback.core.spi.ContextAwareBase;
import io.rutile.base.clock.Clock;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Begins a new file when the current one is full. The full one gets the time into its name, {@code
 * tikv-2019-11-30T12-00-00.000.log}, where TiKV's log search looks for it too; those that are too
 * old or too many are deleted. Called under the appender's lock.
 */
final class SizeRotation extends ContextAwareBase
    implements RollingPolicy, TriggeringPolicy<ILoggingEvent> {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH-mm-ss.SSS");
  private static final String TIME_PATTERN = "\\d{4}-\\d\\d-\\d\\dT\\d\\d-\\d\\d-\\d\\d\\.\\d{3}";

  private final Path active;
  private final long maxBytes;
  private final int maxDays;
  private final int maxBackups;
  private final Clock clock;
  private final String stem;
  private final String extension;
  private boolean started;

  /**
   * @param maxDays 0 for no limit
   * @param maxBackups 0 for no limit
   */
  SizeRotation(Path active, long maxBytes, int maxDays, int maxBackups, Clock clock) {
    this.active = active;
    this.maxBytes = maxBytes;
    this.maxDays = maxDays;
    this.maxBackups = maxBackups;
    this.clock = clock;
    String name = active.getFileName().toString();
    int dot = name.lastIndexOf('.');
    this.stem = dot > 0 ? name.substring(0, dot) : name;
    this.extension = dot > 0 ? name.substring(dot) : "";
  }

  @Override
  public boolean isTriggeringEvent(File activeFile, ILoggingEvent event) {
    return activeFile.length() >= maxBytes;
  }

  @Override
  public void rollover() throws RolloverFailure {
    try {
      Instant now = Instant.ofEpochMilli(clock.wallMillis());
      Path closed = closedName(now);
      while (Files.exists(closed)) {
        now = now.plusMillis(1);
        closed = closedName(now);
      }
      Files.move(active, closed);
      deleteOld(now);
    } catch (IOException e) {
      throw new RolloverFailure("cannot rotate " + active, e);
    }
  }

  private Path closedName(Instant time) {
    return active.resolveSibling(
        stem + "-" + TIME.format(time.atZone(ZoneId.systemDefault())) + extension);
  }

  private void deleteOld(Instant now) throws IOException {
    List<Path> closed = closedFiles();
    for (int i = 0; i < closed.size(); i++) {
      boolean tooMany = maxBackups > 0 && i >= maxBackups;
      Instant modified = Files.getLastModifiedTime(closed.get(i)).toInstant();
      boolean tooOld = maxDays > 0 && modified.isBefore(now.minus(Duration.ofDays(maxDays)));
      if (tooMany || tooOld) {
        Files.deleteIfExists(closed.get(i));
      }
    }
  }

  /** Newest first: their names sort by time. */
  private List<Path> closedFiles() throws IOException {
    Pattern name =
        Pattern.compile(Pattern.quote(stem) + "-" + TIME_PATTERN + Pattern.quote(extension));
    try (Stream<Path> files = Files.list(Objects.requireNonNull(active.getParent()))) {
      return files
          .filter(file -> name.matcher(file.getFileName().toString()).matches())
          .sorted(Comparator.reverseOrder())
          .collect(ArrayList::new, ArrayList::add, ArrayList::addAll);
    }
  }

  @Override
  public String getActiveFileName() {
    return active.toString();
  }

  @Override
  public CompressionMode getCompressionMode() {
    return CompressionMode.NONE;
  }

  @Override
  public void setParent(FileAppender<?> appender) {
    // The name of the file is this policy's own.
  }

  @Override
  public void start() {
    started = true;
  }

  @Override
  public void stop() {
    started = false;
  }

  @Override
  public boolean isStarted() {
    return started;
  }
}
