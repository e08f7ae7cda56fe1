package io.rutile.engine.rocks;

/**
 * Large values apart from keys, in RocksDB's blob files: {@code rocksdb.<family>cf.titan.*}.
 *
 * @param enabled whether values of at least the size below go to blob files
 * @param minBlobSizeBytes {@code min-blob-size}
 * @param compression {@code blob-file-compression}: "no", "lz4", "zstd" or "snappy"
 * @param blobFileSizeBytes size at which a blob file is closed
 * @param discardableRatio {@code discardable-ratio}: share of garbage at which blob files are
 *     rewritten
 */
public record TitanConfig(
    boolean enabled,
    long minBlobSizeBytes,
    String compression,
    long blobFileSizeBytes,
    double discardableRatio) {
  public static final TitanConfig OFF = new TitanConfig(false, 32 << 10, "zstd", 256 << 20, 0.5);

  public static TitanConfig defaults() {
    return new TitanConfig(true, 32 << 10, "zstd", 256 << 20, 0.5);
  }
}
