package io.rutile.base.log;

import io.rutile.base.config.Describe;
import io.rutile.base.config.OneOf;
import io.rutile.base.config.Online;
import io.rutile.base.config.Range;

/** Section {@code [log]}, the same in a store and in PD. */
public record LogConfig(
    @Describe("Events below this level are not logged.")
        @OneOf({"trace", "debug", "info", "warn", "warning", "error", "fatal"})
        @Online
        String level,
    @Describe("TiKV's line format, or an object per line.") @OneOf({"text", "json"}) String format,
    @Describe("Whether events begin with the time, which a service manager may add itself.")
        boolean enableTimestamp,
    LogFile file) {

  /**
   * Section {@code [log.file]}.
   *
   * @param maxSize MiB
   */
  public record LogFile(
      @Describe("Where to log; standard error when empty.") String filename,
      @Describe("Mebibytes at which a new file is begun.") @Range(min = "1", max = "4096")
          int maxSize,
      @Describe("Days for which closed files are kept, 0 for ever.") @Range(min = "0") int maxDays,
      @Describe("Closed files that are kept, 0 for all.") @Range(min = "0") int maxBackups) {}

  public static LogConfig defaults() {
    return new LogConfig("info", "text", true, new LogFile("", 300, 0, 0));
  }

  /** The defaults for tools: warnings only, on standard error. */
  public static LogConfig quiet() {
    return new LogConfig("warn", "text", true, defaults().file);
  }

  public LogConfig withFile(String filename) {
    return new LogConfig(
        level,
        format,
        enableTimestamp,
        new LogFile(filename, file.maxSize(), file.maxDays(), file.maxBackups()));
  }
}
