package io.rutile.pd.schedule.placement;

import java.util.List;

/**
 * Labels for the regions of some key ranges.
 *
 * @param id name of the rule
 * @param index a greater one wins where two rules set the same label
 * @param labels what the regions get
 * @param ranges where
 */
public record RegionLabelRule(String id, int index, List<Label> labels, List<KeyRange> ranges) {
  /**
   * One label.
   *
   * @param ttl how long it counts, PD's notation; empty for ever
   * @param startAt since when, as PD writes times; empty without {@code ttl}
   * @param expiresMillis when it stops to count, in milliseconds since 1970; {@link Long#MAX_VALUE}
   *     for never
   */
  public record Label(String key, String value, String ttl, String startAt, long expiresMillis) {
    public static Label of(String key, String value) {
      return new Label(key, value, "", "", Long.MAX_VALUE);
    }
  }

  /**
   * Keys from {@code start} to before {@code end}; an empty end is unbounded. Not to be changed.
   */
  public record KeyRange(byte[] start, byte[] end) {}

  public RegionLabelRule {
    labels = List.copyOf(labels);
    ranges = List.copyOf(ranges);
  }
}
