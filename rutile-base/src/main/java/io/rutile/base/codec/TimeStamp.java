package io.rutile.base.codec;

/**
 * Timestamps of the oracle: milliseconds since 1970 in the upper 46 bits, a logical counter in the
 * lower 18. They are passed as {@code long} and compared unsigned; {@link #MAX} (all ones) means
 * "the latest version".
 */
public final class TimeStamp {
  public static final int LOGICAL_BITS = 18;
  public static final long MAX = -1L;
  public static final long ZERO = 0L;
  private static final long LOGICAL_MASK = (1L << LOGICAL_BITS) - 1;

  private TimeStamp() {}

  public static long compose(long physicalMillis, long logical) {
    return (physicalMillis << LOGICAL_BITS) + logical;
  }

  public static long physicalMillis(long timestamp) {
    return timestamp >>> LOGICAL_BITS;
  }

  public static long logical(long timestamp) {
    return timestamp & LOGICAL_MASK;
  }

  public static boolean isMax(long timestamp) {
    return timestamp == MAX;
  }
}
