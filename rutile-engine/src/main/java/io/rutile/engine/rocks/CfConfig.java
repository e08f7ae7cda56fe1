package io.rutile.engine.rocks;

import java.util.List;

/**
 * Options of one column family, by the last part of TiKV's key {@code rocksdb.<family>cf.*}.
 *
 * @param blockSizeBytes {@code block-size}: uncompressed bytes of a data block
 * @param writeBufferSizeBytes {@code write-buffer-size}: bytes of one memtable
 * @param maxWriteBufferNumber {@code max-write-buffer-number}: memtables held before writes stop
 * @param maxBytesForLevelBase {@code max-bytes-for-level-base}: size of the first sorted level
 * @param targetFileSizeBase {@code target-file-size-base}: bytes of an SST file there
 * @param level0CompactionTrigger {@code level0-file-num-compaction-trigger}
 * @param level0SlowdownTrigger {@code level0-slowdown-writes-trigger}
 * @param level0StopTrigger {@code level0-stop-writes-trigger}
 * @param softPendingCompactionBytes {@code soft-pending-compaction-bytes-limit}
 * @param hardPendingCompactionBytes {@code hard-pending-compaction-bytes-limit}
 * @param bloomBitsPerKey {@code bloom-filter-bits-per-key}, 0 for no filter
 * @param compressionPerLevel {@code compression-per-level}: "no", "lz4", "zstd" or "snappy" for
 *     each of the seven levels
 * @param disableAutoCompactions {@code disable-auto-compactions}
 * @param titan separation of large values into blob files
 */
public record CfConfig(
    long blockSizeBytes,
    long writeBufferSizeBytes,
    int maxWriteBufferNumber,
    long maxBytesForLevelBase,
    long targetFileSizeBase,
    int level0CompactionTrigger,
    int level0SlowdownTrigger,
    int level0StopTrigger,
    long softPendingCompactionBytes,
    long hardPendingCompactionBytes,
    int bloomBitsPerKey,
    List<String> compressionPerLevel,
    boolean disableAutoCompactions,
    TitanConfig titan) {

  private static final long KIB = 1L << 10;
  private static final long MIB = 1L << 20;
  private static final long GIB = 1L << 30;
  private static final List<String> LZ4_THEN_ZSTD =
      List.of("no", "no", "lz4", "lz4", "lz4", "zstd", "zstd");
  private static final List<String> UNCOMPRESSED =
      List.of("no", "no", "no", "no", "no", "no", "no");

  /** Defaults of {@code rocksdb.defaultcf}. */
  public static CfConfig defaultCf() {
    return data(10, TitanConfig.defaults());
  }

  /**
   * Defaults of {@code rocksdb.writecf}. It has no bloom filter: it is read by seeks for the newest
   * version at or before a timestamp, and a filter over whole keys cannot answer those.
   */
  public static CfConfig writeCf() {
    return data(0, TitanConfig.OFF);
  }

  /** Defaults of {@code rocksdb.lockcf}. */
  public static CfConfig lockCf() {
    return new CfConfig(
        16 * KIB,
        32 * MIB,
        5,
        128 * MIB,
        8 * MIB,
        1,
        20,
        20,
        192 * GIB,
        1024 * GIB,
        10,
        UNCOMPRESSED,
        false,
        TitanConfig.OFF);
  }

  /** Defaults of {@code rocksdb.raftcf}. */
  public static CfConfig raftCf() {
    return new CfConfig(
        16 * KIB,
        128 * MIB,
        5,
        128 * MIB,
        8 * MIB,
        1,
        20,
        20,
        192 * GIB,
        1024 * GIB,
        10,
        UNCOMPRESSED,
        false,
        TitanConfig.OFF);
  }

  private static CfConfig data(int bloomBitsPerKey, TitanConfig titan) {
    return new CfConfig(
        32 * KIB,
        128 * MIB,
        5,
        512 * MIB,
        8 * MIB,
        4,
        20,
        20,
        192 * GIB,
        1024 * GIB,
        bloomBitsPerKey,
        LZ4_THEN_ZSTD,
        false,
        titan);
  }

  /** The same with memtables of that size and number, as for a machine with little memory. */
  public CfConfig withWriteBuffers(long sizeBytes, int number) {
    return new CfConfig(
        blockSizeBytes,
        sizeBytes,
        number,
        maxBytesForLevelBase,
        targetFileSizeBase,
        level0CompactionTrigger,
        level0SlowdownTrigger,
        level0StopTrigger,
        softPendingCompactionBytes,
        hardPendingCompactionBytes,
        bloomBitsPerKey,
        compressionPerLevel,
        disableAutoCompactions,
        titan);
  }

  public CfConfig withTitan(TitanConfig other) {
    return new CfConfig(
        blockSizeBytes,
        writeBufferSizeBytes,
        maxWriteBufferNumber,
        maxBytesForLevelBase,
        targetFileSizeBase,
        level0CompactionTrigger,
        level0SlowdownTrigger,
        level0StopTrigger,
        softPendingCompactionBytes,
        hardPendingCompactionBytes,
        bloomBitsPerKey,
        compressionPerLevel,
        disableAutoCompactions,
        other);
  }
}
