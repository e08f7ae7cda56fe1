package io.rutile.pd.config;

import java.time.Duration;

/** The text of durations in PD's answers, which is Go's: {@code "1h0m0s"}, {@code "10ms"}. */
public final class GoDuration {
  private GoDuration() {}

  /**
   * @param duration not negative
   */
  public static String text(Duration duration) {
    long nanos = duration.toNanos();
    if (nanos == 0) {
      return "0s";
    }
    if (nanos < 1_000_000_000L) {
      return nanos % 1_000_000 == 0
          ? nanos / 1_000_000 + "ms"
          : nanos % 1000 == 0 ? nanos / 1000 + "µs" : nanos + "ns";
    }
    long seconds = nanos / 1_000_000_000L;
    String fraction = "";
    if (nanos % 1_000_000_000L != 0) {
      fraction = "." + String.format("%09d", nanos % 1_000_000_000L).replaceAll("0+$", "");
    }
    String text = seconds % 60 + fraction + "s";
    if (seconds >= 60) {
      text = seconds / 60 % 60 + "m" + text;
    }
    return seconds >= 3600 ? seconds / 3600 + "h" + text : text;
  }
}
