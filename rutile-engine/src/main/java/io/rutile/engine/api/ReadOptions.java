package io.rutile.engine.api;

/**
 * How to read.
 *
 * @param fillCache whether blocks that are read enter the block cache
 * @param readaheadBytes size of read-ahead for long scans, 0 for the engine's own choice
 */
public record ReadOptions(boolean fillCache, long readaheadBytes) {
  public static final ReadOptions DEFAULT = new ReadOptions(true, 0);

  public ReadOptions withFillCache(boolean fill) {
    return new ReadOptions(fill, readaheadBytes);
  }

  public ReadOptions withReadaheadBytes(long bytes) {
    return new ReadOptions(fillCache, bytes);
  }
}
