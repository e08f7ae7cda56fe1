package io.rutile.base.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number of bytes as TiKV writes it: {@code "8MB"}, {@code "1.5GiB"}, {@code "512"}. The base of
 * all units is 1024, with or without the {@code i}.
 *
 * @param bytes not negative
 */
public record ReadableSize(long bytes) implements Comparable<ReadableSize> {
  private static final Pattern SYNTAX =
      Pattern.compile("\\s*(\\d+(?:\\.\\d+)?(?:[eE]\\d+)?)\\s*(?:B|([KMGTP])(?:i?B)?)?\\s*");
  private static final String UNITS = "KMGTP";

  public ReadableSize {
    if (bytes < 0) {
      throw new IllegalArgumentException("a negative size: " + bytes);
    }
  }

  public static ReadableSize bytes(long bytes) {
    return new ReadableSize(bytes);
  }

  public static ReadableSize kib(long kib) {
    return new ReadableSize(Math.multiplyExact(kib, 1L << 10));
  }

  public static ReadableSize mib(long mib) {
    return new ReadableSize(Math.multiplyExact(mib, 1L << 20));
  }

  public static ReadableSize gib(long gib) {
    return new ReadableSize(Math.multiplyExact(gib, 1L << 30));
  }

  /**
   * Reads a number with an optional unit.
   *
   * @throws IllegalArgumentException when the text is anything else or does not fit 63 bits
   */
  public static ReadableSize parse(String text) {
    Matcher matcher = SYNTAX.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is not a size: write for example \"512KB\", \"8MB\" or \"1GB\"");
    }
    String unit = matcher.group(2);
    int shift = unit == null ? 0 : 10 * (UNITS.indexOf(unit) + 1);
    String number = matcher.group(1);
    try {
      if (number.chars().allMatch(Character::isDigit)) {
        return new ReadableSize(Math.multiplyExact(Long.parseLong(number), 1L << shift));
      }
    } catch (ArithmeticException | NumberFormatException e) {
      throw tooLarge(text);
    }
    double bytes = Double.parseDouble(number) * (1L << shift);
    if (bytes >= Long.MAX_VALUE) {
      throw tooLarge(text);
    }
    return new ReadableSize((long) bytes);
  }

  private static IllegalArgumentException tooLarge(String text) {
    return new IllegalArgumentException("\"" + text + "\" is too large for a size");
  }

  @Override
  public int compareTo(ReadableSize other) {
    return Long.compare(bytes, other.bytes);
  }

  /** In the largest unit that gives an integer, as TiKV reports its configuration. */
  @Override
  public String toString() {
    if (bytes == 0) {
      return "0KiB";
    }
    int unit = Math.min(Long.numberOfTrailingZeros(bytes) / 10, UNITS.length());
    return unit == 0 ? bytes + "B" : (bytes >> (10 * unit)) + "" + UNITS.charAt(unit - 1) + "iB";
  }
}
