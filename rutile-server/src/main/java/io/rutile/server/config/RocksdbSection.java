package io.rutile.server.config;

import io.rutile.base.config.Describe;
import io.rutile.base.config.OneOf;
import io.rutile.base.config.Range;
import io.rutile.base.config.ReadableSize;
import io.rutile.engine.rocks.CfConfig;
import io.rutile.engine.rocks.RocksConfig;
import io.rutile.engine.rocks.TitanConfig;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Section {@code [rocksdb]}. Its defaults are those of {@link RocksConfig}. */
public record RocksdbSection(
    @Describe("Bytes of all memtables together; no common limit when 0.")
        ReadableSize writeBufferLimit,
    @Describe("Data files held open; no limit when -1.") @Range(min = "-1") int maxOpenFiles,
    @Describe("Threads that flush and compact.") @Range(min = "2", max = "1024")
        @Nullable Integer maxBackgroundJobs,
    @Describe("Threads of one compaction.") @Range(min = "1", max = "1024")
        @Nullable Integer maxSubCompactions,
    @Describe("Bytes that flushes and compactions write per second; no limit when 0.")
        ReadableSize rateBytesPerSec,
    @Describe("Bytes after which a data file that is being written is synced.")
        ReadableSize bytesPerSync,
    @Describe("Likewise for the write-ahead log.") ReadableSize walBytesPerSync,
    @Describe("Bytes of write-ahead log at which memtables are flushed.") @Range(min = "1MB")
        ReadableSize maxTotalWalSize,
    @Describe("Whether counters and histograms are kept.") boolean enableStatistics,
    Titan titan,
    Family defaultcf,
    Family writecf,
    Family lockcf,
    Family raftcf) {

  /** Section {@code [rocksdb.titan]}. */
  public record Titan(
      @Describe("Whether families may keep large values apart from their keys.") boolean enabled) {}

  /** Section {@code [rocksdb.defaultcf]} and those of the other families. */
  public record Family(
      @Describe("Bytes of a block, before compression.") @Range(min = "1KB", max = "1GB")
          ReadableSize blockSize,
      @Describe("Bytes of one memtable.") @Range(min = "64KB") ReadableSize writeBufferSize,
      @Describe("Memtables held before writes stop.") @Range(min = "2") int maxWriteBufferNumber,
      @Describe("Bytes of the first sorted level.") @Range(min = "1MB")
          ReadableSize maxBytesForLevelBase,
      @Describe("Bytes of a data file there.") @Range(min = "64KB") ReadableSize targetFileSizeBase,
      @Describe("Files of level 0 at which compaction begins.") @Range(min = "1")
          int level0FileNumCompactionTrigger,
      @Describe("Files of level 0 at which writes slow down.") @Range(min = "1")
          int level0SlowdownWritesTrigger,
      @Describe("Files of level 0 at which writes stop.") @Range(min = "1")
          int level0StopWritesTrigger,
      @Describe("Bytes awaiting compaction at which writes slow down.")
          ReadableSize softPendingCompactionBytesLimit,
      @Describe("Bytes awaiting compaction at which writes stop.")
          ReadableSize hardPendingCompactionBytesLimit,
      @Describe("Bits of the filter that saves reads of absent keys; no filter when 0.")
          @Range(min = "0", max = "64")
          int bloomFilterBitsPerKey,
      @Describe("Compression of each of the seven levels.") @OneOf({"no", "lz4", "zstd", "snappy"})
          List<String> compressionPerLevel,
      @Describe("Whether nothing is compacted by itself.") boolean disableAutoCompactions,
      FamilyTitan titan) {

    public Family {
      if (compressionPerLevel.size() != 7) {
        throw new IllegalArgumentException(
            "compression-per-level has "
                + compressionPerLevel.size()
                + " elements: expected one for each of the seven levels");
      }
    }

    static Family of(CfConfig cf) {
      return new Family(
          ReadableSize.bytes(cf.blockSizeBytes()),
          ReadableSize.bytes(cf.writeBufferSizeBytes()),
          cf.maxWriteBufferNumber(),
          ReadableSize.bytes(cf.maxBytesForLevelBase()),
          ReadableSize.bytes(cf.targetFileSizeBase()),
          cf.level0CompactionTrigger(),
          cf.level0SlowdownTrigger(),
          cf.level0StopTrigger(),
          ReadableSize.bytes(cf.softPendingCompactionBytes()),
          ReadableSize.bytes(cf.hardPendingCompactionBytes()),
          cf.bloomBitsPerKey(),
          cf.compressionPerLevel(),
          cf.disableAutoCompactions(),
          FamilyTitan.of(cf.titan()));
    }

    CfConfig cf(boolean blobs) {
      return new CfConfig(
          blockSize.bytes(),
          writeBufferSize.bytes(),
          maxWriteBufferNumber,
          maxBytesForLevelBase.bytes(),
          targetFileSizeBase.bytes(),
          level0FileNumCompactionTrigger,
          level0SlowdownWritesTrigger,
          level0StopWritesTrigger,
          softPendingCompactionBytesLimit.bytes(),
          hardPendingCompactionBytesLimit.bytes(),
          bloomFilterBitsPerKey,
          compressionPerLevel,
          disableAutoCompactions,
          titan.config(blobs));
    }
  }

  /** Section {@code [rocksdb.defaultcf.titan]} and those of the other families. */
  public record FamilyTitan(
      @Describe("Whether large values go to blob files, or back to the keys.")
          @OneOf({"normal", "fallback"})
          String blobRunMode,
      @Describe("Bytes from which a value is large.") ReadableSize minBlobSize,
      @Describe("Compression of blob files.") @OneOf({"no", "lz4", "zstd", "snappy"})
          String blobFileCompression,
      @Describe("Share of garbage at which blob files are rewritten.") @Range(min = "0", max = "1")
          double discardableRatio) {

    static FamilyTitan of(TitanConfig titan) {
      return new FamilyTitan(
          titan.enabled() ? "normal" : "fallback",
          ReadableSize.bytes(titan.minBlobSizeBytes()),
          titan.compression(),
          titan.discardableRatio());
    }

    TitanConfig config(boolean blobs) {
      return new TitanConfig(
          blobs && blobRunMode.equals("normal"),
          minBlobSize.bytes(),
          blobFileCompression,
          TitanConfig.OFF.blobFileSizeBytes(),
          discardableRatio);
    }
  }

  static RocksdbSection defaults() {
    RocksConfig rocks = RocksConfig.defaults(0);
    return new RocksdbSection(
        ReadableSize.bytes(rocks.dbWriteBufferBytes()),
        rocks.maxOpenFiles(),
        null,
        null,
        ReadableSize.bytes(rocks.rateBytesPerSecond()),
        ReadableSize.bytes(rocks.bytesPerSync()),
        ReadableSize.bytes(rocks.walBytesPerSync()),
        ReadableSize.bytes(rocks.maxTotalWalBytes()),
        rocks.statistics(),
        new Titan(true),
        Family.of(rocks.defaultCf()),
        Family.of(rocks.writeCf()),
        Family.of(rocks.lockCf()),
        Family.of(rocks.raftCf()));
  }

  RocksConfig rocks(long blockCacheBytes) {
    return new RocksConfig(
        blockCacheBytes,
        writeBufferLimit.bytes(),
        maxOpenFiles,
        Objects.requireNonNull(maxBackgroundJobs),
        Objects.requireNonNull(maxSubCompactions),
        rateBytesPerSec.bytes(),
        bytesPerSync.bytes(),
        walBytesPerSync.bytes(),
        maxTotalWalSize.bytes(),
        enableStatistics,
        defaultcf.cf(titan.enabled()),
        writecf.cf(titan.enabled()),
        lockcf.cf(titan.enabled()),
        raftcf.cf(titan.enabled()));
  }
}
