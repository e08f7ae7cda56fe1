package io.rutile.pd.schedule.placement;

/**
 * Rules that belong together.
 *
 * @param index order of groups, then by id
 * @param override whether rules of earlier groups do not count where this group has one
 */
public record RuleGroup(String id, int index, boolean override) {
  /** A group that nobody configured. */
  static RuleGroup plain(String id) {
    return new RuleGroup(id, 0, false);
  }

  boolean isPlain() {
    return index == 0 && !override;
  }
}
