package io.rutile.server.config;

import io.rutile.base.config.Describe;
import io.rutile.base.config.Range;
import io.rutile.base.config.ReadableSize;

/** Section {@code [coprocessor]}: where regions split. */
public record CoprocessorSection(
    @Describe("Bytes above which a region splits.") @Range(min = "1KB") ReadableSize regionMaxSize,
    @Describe("Bytes of the parts.") @Range(min = "1KB") ReadableSize regionSplitSize,
    @Describe("Keys above which a region splits.") @Range(min = "1") long regionMaxKeys,
    @Describe("Keys of the parts.") @Range(min = "1") long regionSplitKeys,
    @Describe("Parts that one split makes at most.") @Range(min = "1", max = "1000")
        int batchSplitLimit) {

  public CoprocessorSection {
    if (regionMaxSize.compareTo(regionSplitSize) < 0) {
      throw new IllegalArgumentException(
          "region-max-size = \""
              + regionMaxSize
              + "\" must not be below region-split-size = \""
              + regionSplitSize
              + "\"");
    }
    if (regionMaxKeys < regionSplitKeys) {
      throw new IllegalArgumentException(
          "region-max-keys = "
              + regionMaxKeys
              + " must not be below region-split-keys = "
              + regionSplitKeys);
    }
  }

  static CoprocessorSection defaults() {
    return new CoprocessorSection(
        ReadableSize.mib(384), ReadableSize.mib(256), 3_840_000, 2_560_000, 10);
  }
}
