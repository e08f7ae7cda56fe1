package io.rutile.pd.config;

import io.rutile.base.config.OneOf;
import io.rutile.base.config.Range;
import io.rutile.base.config.ReadableDuration;

/**
 * PD's section {@code pd-server}.
 *
 * @param useRegionStorage whether region metadata is kept beside the replicated store
 * @param maxGapResetTs how far ahead of the clock an administrator may move timestamps
 * @param keyType what keys are: {@code table}, {@code raw} or {@code txn}
 * @param flowRoundByDigit decimal digits of region flow that do not count as a change
 * @param minResolvedTsPersistenceInterval how often the smallest resolved timestamp is saved
 */
public record ServiceConfig(
    boolean useRegionStorage,
    ReadableDuration maxGapResetTs,
    @OneOf({"table", "raw", "txn"}) String keyType,
    @Range(min = "0", max = "18") int flowRoundByDigit,
    ReadableDuration minResolvedTsPersistenceInterval) {
  public static final ServiceConfig DEFAULT =
      new ServiceConfig(
          true, ReadableDuration.parse("24h"), "table", 3, ReadableDuration.parse("1s"));
}
