package io.rutile.pd.config;

/**
 * A duration as PD writes it: {@code "1h0m0s"}, {@code "30m0s"}, {@code "10ms"}.
 *
 * @param nanos length, not negative
 */
public record ConfigDuration(long nanos) {
  private static final String[] UNITS = {"ns", "us", "µs", "ms", "s", "m", "h"};
  private static final long[] UNIT_NANOS = {
    1, 1_000, 1_000, 1_000_000, 1_000_000_000L, 60_000_000_000L, 3_600_000_000_000L
  };

  public ConfigDuration {
    if (nanos < 0) {
      throw new IllegalArgumentException("negative duration");
    }
  }

  public static ConfigDuration ofMillis(long millis) {
    return new ConfigDuration(Math.multiplyExact(millis, 1_000_000L));
  }

  public static ConfigDuration ofSeconds(long seconds) {
    return ofMillis(Math.multiplyExact(seconds, 1000L));
  }

  /**
   * Reads {@code number unit} pairs, units being ns, us, ms, s, m and h.
   *
   * @throws IllegalArgumentException when the text is anything else
   */
  public static ConfigDuration parse(String text) {
    if (text.equals("0")) {
      return new ConfigDuration(0);
    }
    double total = 0;
    int at = 0;
    while (at < text.length()) {
      int numberEnd = at;
      while (numberEnd < text.length()
          && (Character.isDigit(text.charAt(numberEnd)) || text.charAt(numberEnd) == '.')) {
        numberEnd++;
      }
      int unitEnd = numberEnd;
      while (unitEnd < text.length() && Character.isLetter(text.charAt(unitEnd))) {
        unitEnd++;
      }
      total += number(text, at, numberEnd) * unit(text, text.substring(numberEnd, unitEnd));
      at = unitEnd;
    }
    if (text.isEmpty() || total > Long.MAX_VALUE) {
      throw bad(text);
    }
    return new ConfigDuration((long) total);
  }

  private static double number(String text, int from, int to) {
    try {
      return Double.parseDouble(text.substring(from, to));
    } catch (NumberFormatException e) {
      throw bad(text);
    }
  }

  private static long unit(String text, String unit) {
    for (int i = 0; i < UNITS.length; i++) {
      if (UNITS[i].equals(unit)) {
        return UNIT_NANOS[i];
      }
    }
    throw bad(text);
  }

  private static IllegalArgumentException bad(String text) {
    return new IllegalArgumentException(
        "\"" + text + "\" is not a duration: write for example 10ms, 5s, 30m or 1h30m");
  }

  public long millis() {
    return nanos / 1_000_000L;
  }

  /** PD's notation, which is Go's. */
  @Override
  public String toString() {
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
      fraction = String.format("%09d", nanos % 1_000_000_000L).replaceAll("0+$", "");
      fraction = "." + fraction;
    }
    String text = seconds % 60 + fraction + "s";
    if (seconds >= 60) {
      text = seconds / 60 % 60 + "m" + text;
    }
    return seconds >= 3600 ? seconds / 3600 + "h" + text : text;
  }
}
