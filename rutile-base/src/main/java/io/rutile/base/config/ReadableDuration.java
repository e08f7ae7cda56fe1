package io.rutile.base.config;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A length of time as TiKV writes it: {@code "1h30m"}, {@code "10s"}, {@code "250us"}. Units are d,
 * h, m, s, ms, us and ns, from the largest to the smallest, each once.
 *
 * @param duration not negative
 */
public record ReadableDuration(Duration duration) implements Comparable<ReadableDuration> {
  private static final Pattern PART = Pattern.compile("(\\d+(?:\\.\\d+)?)(d|h|ms|m|s|us|µs|ns)");
  private static final String[] UNITS = {"d", "h", "m", "s", "ms", "us", "ns"};
  private static final long[] NANOS = {
    86_400_000_000_000L, 3_600_000_000_000L, 60_000_000_000L, 1_000_000_000L, 1_000_000L, 1_000L, 1
  };

  public ReadableDuration {
    if (duration.isNegative()) {
      throw new IllegalArgumentException("a negative duration: " + duration);
    }
  }

  public static ReadableDuration millis(long millis) {
    return new ReadableDuration(Duration.ofMillis(millis));
  }

  public static ReadableDuration seconds(long seconds) {
    return new ReadableDuration(Duration.ofSeconds(seconds));
  }

  public static ReadableDuration minutes(long minutes) {
    return new ReadableDuration(Duration.ofMinutes(minutes));
  }

  public static ReadableDuration hours(long hours) {
    return new ReadableDuration(Duration.ofHours(hours));
  }

  /**
   * Reads numbers with units.
   *
   * @throws IllegalArgumentException when the text is anything else or longer than 292 years
   */
  public static ReadableDuration parse(String text) {
    Matcher matcher = PART.matcher(text.strip());
    int end = 0;
    int lastUnit = -1;
    double nanos = 0;
    while (matcher.find() && matcher.start() == end) {
      int unit = unit(matcher.group(2));
      if (unit <= lastUnit) {
        throw bad(text);
      }
      lastUnit = unit;
      end = matcher.end();
      nanos += Double.parseDouble(matcher.group(1)) * NANOS[unit];
    }
    if (end == 0 || end != text.strip().length() || nanos >= Long.MAX_VALUE) {
      throw bad(text);
    }
    return new ReadableDuration(Duration.ofNanos(Math.round(nanos)));
  }

  private static int unit(String name) {
    for (int i = 0; i < UNITS.length; i++) {
      if (UNITS[i].equals(name)) {
        return i;
      }
    }
    return 5;
  }

  private static IllegalArgumentException bad(String text) {
    return new IllegalArgumentException(
        "\"" + text + "\" is not a duration: write for example \"10ms\", \"5s\" or \"1h30m\"");
  }

  public long toMillis() {
    return duration.toMillis();
  }

  @Override
  public int compareTo(ReadableDuration other) {
    return duration.compareTo(other.duration);
  }

  @Override
  public String toString() {
    long rest = duration.toNanos();
    if (rest == 0) {
      return "0s";
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < UNITS.length; i++) {
      if (rest >= NANOS[i]) {
        text.append(rest / NANOS[i]).append(UNITS[i]);
        rest %= NANOS[i];
      }
    }
    return text.toString();
  }
}
