package io.rutile.engine.rocks;

import io.rutile.engine.api.Cf;

/**
 * Options of the data engine, by TiKV's key {@code rocksdb.*} where none is named.
 *
 * @param blockCacheBytes {@code storage.block-cache.capacity}: cache shared by all families
 * @param dbWriteBufferBytes {@code rocksdb.write-buffer-limit}: bytes of all memtables together at
 *     which the largest is flushed, 0 for no common limit
 * @param maxOpenFiles {@code max-open-files}, -1 for no limit
 * @param maxBackgroundJobs {@code max-background-jobs}: threads for flush and compaction
 * @param maxSubCompactions {@code max-sub-compactions}: threads of one compaction
 * @param rateBytesPerSecond {@code rate-bytes-per-sec} of flush and compaction, 0 for no limit
 * @param bytesPerSync {@code bytes-per-sync} of SST files
 * @param walBytesPerSync {@code wal-bytes-per-sync}
 * @param maxTotalWalBytes {@code max-total-wal-size}: log size at which memtables are flushed
 * @param statistics whether to keep tickers and histograms ({@code enable-statistics})
 * @param defaultCf {@code rocksdb.defaultcf}
 * @param writeCf {@code rocksdb.writecf}
 * @param lockCf {@code rocksdb.lockcf}
 * @param raftCf {@code rocksdb.raftcf}
 */
public record RocksConfig(
    long blockCacheBytes,
    long dbWriteBufferBytes,
    int maxOpenFiles,
    int maxBackgroundJobs,
    int maxSubCompactions,
    long rateBytesPerSecond,
    long bytesPerSync,
    long walBytesPerSync,
    long maxTotalWalBytes,
    boolean statistics,
    CfConfig defaultCf,
    CfConfig writeCf,
    CfConfig lockCf,
    CfConfig raftCf) {

  private static final long KIB = 1L << 10;
  private static final long MIB = 1L << 20;
  private static final long GIB = 1L << 30;

  /** TiKV's defaults, with the given cache, for a machine that it has for itself. */
  public static RocksConfig defaults(long blockCacheBytes) {
    return new RocksConfig(
        blockCacheBytes,
        0,
        40960,
        4,
        1,
        10 * GIB,
        MIB,
        512 * KIB,
        4 * GIB,
        true,
        CfConfig.defaultCf(),
        CfConfig.writeCf(),
        CfConfig.lockCf(),
        CfConfig.raftCf());
  }

  /**
   * Sizes for tests and playgrounds: about 100 MB of native memory when full, two background
   * threads.
   */
  public static RocksConfig small() {
    return new RocksConfig(
        32 * MIB,
        48 * MIB,
        256,
        2,
        1,
        0,
        MIB,
        512 * KIB,
        256 * MIB,
        true,
        CfConfig.defaultCf().withWriteBuffers(16 * MIB, 4),
        CfConfig.writeCf().withWriteBuffers(16 * MIB, 4),
        CfConfig.lockCf().withWriteBuffers(8 * MIB, 4),
        CfConfig.raftCf().withWriteBuffers(4 * MIB, 4));
  }

  /** Options of that family. */
  public CfConfig of(Cf cf) {
    return switch (cf) {
      case DEFAULT -> defaultCf;
      case LOCK -> lockCf;
      case WRITE -> writeCf;
      case RAFT -> raftCf;
    };
  }
}
