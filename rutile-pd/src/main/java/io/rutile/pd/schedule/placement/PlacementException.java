package io.rutile.pd.schedule.placement;

import io.rutile.base.error.ErrorCategory;
import io.rutile.base.error.RutileException;

/** A rule, rule group or label rule that PD refuses; nothing was changed. */
public final class PlacementException extends RutileException {
  private PlacementException(String code, String message) {
    super(code, ErrorCategory.CALLER, message);
  }

  /** The rule by itself makes no sense. */
  static PlacementException content(String message) {
    return new PlacementException(
        "PD:placement:ErrRuleContent", "invalid rule content, " + message);
  }

  /** The rules together make no sense. */
  static PlacementException together(String message) {
    return new PlacementException(
        "PD:placement:ErrBuildRuleList", "build rule list failed, " + message);
  }

  static PlacementException label(String message) {
    return new PlacementException(
        "PD:region:ErrRegionRuleContent", "invalid region rule content, " + message);
  }
}
