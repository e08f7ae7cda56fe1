package io.rutile.pd.config;

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
    ConfigDuration maxGapResetTs,
    String keyType,
    int flowRoundByDigit,
    ConfigDuration minResolvedTsPersistenceInterval) {
  public static final ServiceConfig DEFAULT =
      new ServiceConfig(true, ConfigDuration.parse("24h"), "table", 3, ConfigDuration.parse("1s"));
}
