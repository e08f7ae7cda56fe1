package io.rutile.engine.api;

/**
 * How to read.
 *
 * @param fillCache whether blocks that are read enter the block cache
 * @param prefixSameAsStart whether the cursor stays within the key prefix it was seeked to, so that
 *     bloom filters apply
 * @param readaheadBytes size of read-ahead for long scans, 0 for the engine's own choice
 */
public record ReadOptions(boolean fillCache, boolean prefixSameAsStart, long readaheadBytes) {
  public static final ReadOptions DEFAULT = new ReadOptions(true, false, 0);

  public ReadOptions withFillCache(boolean fill) {
    return new ReadOptions(fill, prefixSameAsStart, readaheadBytes);
  }
}
