package io.rutile.engine.rocks;

import io.rutile.engine.api.Cf;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompactionPriority;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.RateLimiter;
import org.rocksdb.RateLimiterMode;
import org.rocksdb.Statistics;
import org.rocksdb.StatsLevel;
import org.rocksdb.WALRecoveryMode;

/**
 * The native option objects of one engine, made from {@link RocksConfig} and freed after the
 * database in reverse order. Owned by the engine.
 *
 * <p>Write-ahead logs are recovered to a point in time: what a power loss left of the unsynced end
 * is cut. That loses nothing that was acknowledged, because applied entries stay in the Raft log
 * until the engine has synced them, and are applied again.
 */
final class RocksOptions implements AutoCloseable {
  private static final int BLOCK_RESTART_FORMAT = 5;
  private static final double INDEX_SHARE_OF_CACHE = 0.1;
  private static final long RATE_REFILL_MICROS = 100_000;
  private static final int RATE_FAIRNESS = 10;
  private static final long INFO_LOG_BYTES = 16L << 20;
  private static final long INFO_LOG_FILES = 4;
  private static final double BLOB_GC_AGE_CUTOFF = 0.25;

  private final ArrayDeque<AutoCloseable> owned = new ArrayDeque<>();
  private final Map<Cf, ColumnFamilyOptions> families = new EnumMap<>(Cf.class);
  private final DBOptions database;
  private final Cache blockCache;
  private final @Nullable Statistics statistics;

  RocksOptions(RocksConfig config) {
    blockCache = own(new LRUCache(config.blockCacheBytes(), -1, false, INDEX_SHARE_OF_CACHE));
    statistics = config.statistics() ? own(new Statistics()) : null;
    database = own(new DBOptions());
    fillDatabase(config);
    for (Cf cf : Cf.values()) {
      families.put(cf, family(config.of(cf), cf == Cf.WRITE));
    }
  }

  DBOptions database() {
    return database;
  }

  ColumnFamilyOptions family(Cf cf) {
    ColumnFamilyOptions options = families.get(cf);
    if (options == null) {
      throw new IllegalStateException("no options of " + cf);
    }
    return options;
  }

  Cache blockCache() {
    return blockCache;
  }

  @Nullable Statistics statistics() {
    return statistics;
  }

  @Override
  public void close() {
    while (!owned.isEmpty()) {
      try {
        owned.removeLast().close();
      } catch (Exception e) {
        throw new IllegalStateException("an option object cannot be freed", e);
      }
    }
  }

  private <T extends AutoCloseable> T own(T object) {
    owned.addLast(object);
    return object;
  }

  private void fillDatabase(RocksConfig config) {
    database
        .setCreateIfMissing(true)
        .setCreateMissingColumnFamilies(true)
        .setParanoidChecks(true)
        .setMaxOpenFiles(config.maxOpenFiles())
        .setMaxBackgroundJobs(config.maxBackgroundJobs())
        .setMaxSubcompactions(config.maxSubCompactions())
        .setBytesPerSync(config.bytesPerSync())
        .setWalBytesPerSync(config.walBytesPerSync())
        .setMaxTotalWalSize(config.maxTotalWalBytes())
        .setDbWriteBufferSize(config.dbWriteBufferBytes())
        .setWalRecoveryMode(WALRecoveryMode.PointInTimeRecovery)
        .setEnablePipelinedWrite(false)
        .setInfoLogLevel(InfoLogLevel.INFO_LEVEL)
        .setMaxLogFileSize(INFO_LOG_BYTES)
        .setKeepLogFileNum(INFO_LOG_FILES)
        .setStatsDumpPeriodSec(0)
        .setStatsPersistPeriodSec(0);
    if (config.rateBytesPerSecond() > 0) {
      database.setRateLimiter(
          own(
              new RateLimiter(
                  config.rateBytesPerSecond(),
                  RATE_REFILL_MICROS,
                  RATE_FAIRNESS,
                  RateLimiterMode.WRITES_ONLY,
                  true)));
    }
    if (statistics != null) {
      statistics.setStatsLevel(StatsLevel.EXCEPT_DETAILED_TIMERS);
      database.setStatistics(statistics);
    }
  }

  private ColumnFamilyOptions family(CfConfig config, boolean versioned) {
    BlockBasedTableConfig table = new BlockBasedTableConfig();
    table
        .setBlockCache(blockCache)
        .setBlockSize(config.blockSizeBytes())
        .setCacheIndexAndFilterBlocks(true)
        .setCacheIndexAndFilterBlocksWithHighPriority(true)
        .setPinL0FilterAndIndexBlocksInCache(true)
        .setFormatVersion(BLOCK_RESTART_FORMAT)
        .setWholeKeyFiltering(!versioned);
    if (config.bloomBitsPerKey() > 0) {
      table.setFilterPolicy(own(new BloomFilter(config.bloomBitsPerKey(), false)));
      table.setOptimizeFiltersForMemory(true);
    }
    ColumnFamilyOptions options = own(new ColumnFamilyOptions());
    options
        .setTableFormatConfig(table)
        .setWriteBufferSize(config.writeBufferSizeBytes())
        .setMaxWriteBufferNumber(config.maxWriteBufferNumber())
        .setMaxBytesForLevelBase(config.maxBytesForLevelBase())
        .setTargetFileSizeBase(config.targetFileSizeBase())
        .setLevelCompactionDynamicLevelBytes(true)
        .setCompactionPriority(CompactionPriority.MinOverlappingRatio)
        .setLevel0FileNumCompactionTrigger(config.level0CompactionTrigger())
        .setLevel0SlowdownWritesTrigger(config.level0SlowdownTrigger())
        .setLevel0StopWritesTrigger(config.level0StopTrigger())
        .setSoftPendingCompactionBytesLimit(config.softPendingCompactionBytes())
        .setHardPendingCompactionBytesLimit(config.hardPendingCompactionBytes())
        .setDisableAutoCompactions(config.disableAutoCompactions())
        .setCompressionPerLevel(compressions(config.compressionPerLevel()));
    TitanConfig titan = config.titan();
    if (titan.enabled()) {
      options
          .setEnableBlobFiles(true)
          .setMinBlobSize(titan.minBlobSizeBytes())
          .setBlobFileSize(titan.blobFileSizeBytes())
          .setBlobCompressionType(compression(titan.compression()))
          .setEnableBlobGarbageCollection(true)
          .setBlobGarbageCollectionAgeCutoff(BLOB_GC_AGE_CUTOFF)
          .setBlobGarbageCollectionForceThreshold(titan.discardableRatio());
    }
    return options;
  }

  private static List<CompressionType> compressions(List<String> names) {
    List<CompressionType> types = new ArrayList<>(names.size());
    for (String name : names) {
      types.add(compression(name));
    }
    return types;
  }

  private static CompressionType compression(String name) {
    return switch (name) {
      case "no" -> CompressionType.NO_COMPRESSION;
      case "lz4" -> CompressionType.LZ4_COMPRESSION;
      case "zstd" -> CompressionType.ZSTD_COMPRESSION;
      case "snappy" -> CompressionType.SNAPPY_COMPRESSION;
      default ->
          throw new IllegalArgumentException(
              "compression is one of no, lz4, zstd, snappy; not " + name);
    };
  }
}
