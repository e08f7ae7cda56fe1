package io.rutile.engine.rocks;

import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineMetric;
import io.rutile.engine.api.EngineStatistics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.HistogramData;
import org.rocksdb.HistogramType;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.Statistics;
import org.rocksdb.TickerType;

/**
 * Reads RocksDB's properties, tickers and histograms under TiKV's names and labels, so that its
 * dashboards work. Called within the engine's gate, by any thread.
 */
final class RocksMetrics {
  private static final String DB = "kv";
  private static final int LEVELS = 7;

  private record Ticker(TickerType type, String metric, String label) {}

  private record Histogram(HistogramType type, String metric, String label) {}

  private static final List<Ticker> TICKERS =
      List.of(
          new Ticker(TickerType.BLOCK_CACHE_MISS, "cache_efficiency", "block_cache_miss"),
          new Ticker(TickerType.BLOCK_CACHE_HIT, "cache_efficiency", "block_cache_hit"),
          new Ticker(TickerType.BLOCK_CACHE_ADD, "cache_efficiency", "block_cache_add"),
          new Ticker(
              TickerType.BLOCK_CACHE_ADD_FAILURES, "cache_efficiency", "block_cache_add_failures"),
          new Ticker(
              TickerType.BLOCK_CACHE_INDEX_MISS, "cache_efficiency", "block_cache_index_miss"),
          new Ticker(TickerType.BLOCK_CACHE_INDEX_HIT, "cache_efficiency", "block_cache_index_hit"),
          new Ticker(
              TickerType.BLOCK_CACHE_FILTER_MISS, "cache_efficiency", "block_cache_filter_miss"),
          new Ticker(
              TickerType.BLOCK_CACHE_FILTER_HIT, "cache_efficiency", "block_cache_filter_hit"),
          new Ticker(TickerType.BLOCK_CACHE_DATA_MISS, "cache_efficiency", "block_cache_data_miss"),
          new Ticker(TickerType.BLOCK_CACHE_DATA_HIT, "cache_efficiency", "block_cache_data_hit"),
          new Ticker(TickerType.BLOCK_CACHE_BYTES_READ, "flow_bytes", "block_cache_byte_read"),
          new Ticker(TickerType.BLOCK_CACHE_BYTES_WRITE, "flow_bytes", "block_cache_byte_write"),
          new Ticker(TickerType.NUMBER_KEYS_WRITTEN, "flow_bytes", "keys_written"),
          new Ticker(TickerType.NUMBER_KEYS_READ, "flow_bytes", "keys_read"),
          new Ticker(TickerType.NUMBER_KEYS_UPDATED, "flow_bytes", "keys_updated"),
          new Ticker(TickerType.BYTES_WRITTEN, "flow_bytes", "bytes_written"),
          new Ticker(TickerType.BYTES_READ, "flow_bytes", "bytes_read"),
          new Ticker(TickerType.ITER_BYTES_READ, "flow_bytes", "iter_bytes_read"),
          new Ticker(TickerType.WAL_FILE_BYTES, "flow_bytes", "wal_file_bytes"),
          new Ticker(TickerType.FLUSH_WRITE_BYTES, "flow_bytes", "flush_write_bytes"),
          new Ticker(TickerType.BLOOM_FILTER_USEFUL, "bloom_efficiency", "bloom_useful"),
          new Ticker(
              TickerType.BLOOM_FILTER_PREFIX_CHECKED, "bloom_efficiency", "bloom_prefix_checked"),
          new Ticker(
              TickerType.BLOOM_FILTER_PREFIX_USEFUL, "bloom_efficiency", "bloom_prefix_useful"),
          new Ticker(TickerType.MEMTABLE_HIT, "memtable_efficiency", "memtable_hit"),
          new Ticker(TickerType.MEMTABLE_MISS, "memtable_efficiency", "memtable_miss"),
          new Ticker(TickerType.GET_HIT_L0, "get_served", "get_hit_l0"),
          new Ticker(TickerType.GET_HIT_L1, "get_served", "get_hit_l1"),
          new Ticker(TickerType.GET_HIT_L2_AND_UP, "get_served", "get_hit_l2_and_up"),
          new Ticker(TickerType.WRITE_DONE_BY_SELF, "write_served", "write_done_by_self"),
          new Ticker(TickerType.WRITE_DONE_BY_OTHER, "write_served", "write_done_by_other"),
          new Ticker(TickerType.WRITE_WITH_WAL, "write_served", "write_with_wal"),
          new Ticker(
              TickerType.COMPACTION_KEY_DROP_NEWER_ENTRY,
              "compaction_key_drop",
              "compaction_key_drop_newer_entry"),
          new Ticker(
              TickerType.COMPACTION_KEY_DROP_OBSOLETE,
              "compaction_key_drop",
              "compaction_key_drop_obsolete"),
          new Ticker(
              TickerType.COMPACTION_KEY_DROP_RANGE_DEL,
              "compaction_key_drop",
              "compaction_key_drop_range_del"),
          new Ticker(TickerType.COMPACT_READ_BYTES, "compaction_flow_bytes", "bytes_read"),
          new Ticker(TickerType.COMPACT_WRITE_BYTES, "compaction_flow_bytes", "bytes_written"),
          new Ticker(TickerType.NUMBER_DB_SEEK, "locate", "number_db_seek"),
          new Ticker(TickerType.NUMBER_DB_NEXT, "locate", "number_db_next"),
          new Ticker(TickerType.NUMBER_DB_PREV, "locate", "number_db_prev"),
          new Ticker(TickerType.NUMBER_DB_SEEK_FOUND, "locate", "number_db_seek_found"),
          new Ticker(TickerType.NUMBER_DB_NEXT_FOUND, "locate", "number_db_next_found"),
          new Ticker(TickerType.NUMBER_DB_PREV_FOUND, "locate", "number_db_prev_found"),
          new Ticker(TickerType.NO_FILE_OPENS, "file_status", "no_file_opens"),
          new Ticker(TickerType.NO_FILE_ERRORS, "file_status", "no_file_errors"),
          new Ticker(TickerType.BLOB_DB_CACHE_HIT, "blob_cache_efficiency", "blob_cache_hit"),
          new Ticker(TickerType.BLOB_DB_CACHE_MISS, "blob_cache_efficiency", "blob_cache_miss"),
          new Ticker(
              TickerType.BLOB_DB_BLOB_FILE_BYTES_WRITTEN, "blob_flow_bytes", "bytes_written"),
          new Ticker(TickerType.BLOB_DB_BLOB_FILE_BYTES_READ, "blob_flow_bytes", "bytes_read"),
          new Ticker(TickerType.STALL_MICROS, "stall_micro_seconds", ""),
          new Ticker(TickerType.WAL_FILE_SYNCED, "wal_file_synced", ""));

  private static final List<Histogram> HISTOGRAMS =
      List.of(
          new Histogram(HistogramType.DB_GET, "get_micro_seconds", "get"),
          new Histogram(HistogramType.DB_WRITE, "write_micro_seconds", "write"),
          new Histogram(HistogramType.DB_SEEK, "seek_micro_seconds", "seek"),
          new Histogram(HistogramType.COMPACTION_TIME, "compaction_time", "compaction_time"),
          new Histogram(
              HistogramType.WAL_FILE_SYNC_MICROS, "wal_file_sync_micro_seconds", "wal_file_sync"),
          new Histogram(HistogramType.WRITE_STALL, "write_stall", "write_stall"),
          new Histogram(HistogramType.SST_READ_MICROS, "sst_read_micros", "sst_read_micros"),
          new Histogram(
              HistogramType.NUM_FILES_IN_SINGLE_COMPACTION,
              "num_files_in_single_compaction",
              "num_files_in_single_compaction"),
          new Histogram(HistogramType.BYTES_PER_READ, "bytes_per_read", "bytes_per_read"),
          new Histogram(HistogramType.BYTES_PER_WRITE, "bytes_per_write", "bytes_per_write"));

  private final RocksDB database;
  private final ColumnFamilyHandle[] families;
  private final RocksOptions options;

  RocksMetrics(RocksDB database, ColumnFamilyHandle[] families, RocksOptions options) {
    this.database = database;
    this.families = families;
    this.options = options;
  }

  /** Keys in SST files, as estimated by RocksDB. */
  long keysInFiles(Cf cf) throws RocksDBException {
    ColumnFamilyHandle family = families[cf.ordinal()];
    long all = database.getLongProperty(family, "rocksdb.estimate-num-keys");
    long inMemory =
        database.getLongProperty(family, "rocksdb.num-entries-active-mem-table")
            + database.getLongProperty(family, "rocksdb.num-entries-imm-mem-tables");
    return Math.max(0, all - inMemory);
  }

  EngineStatistics read() throws RocksDBException {
    Reading reading = new Reading();
    for (Cf cf : Cf.values()) {
      readFamily(cf, reading);
    }
    reading.gauge("num_snapshots", database.getLongProperty("rocksdb.num-snapshots"));
    reading.gauge("block_cache_size_bytes", options.blockCache().getUsage(), "cf", "all");
    Statistics statistics = options.statistics();
    if (statistics != null) {
      readStatistics(statistics, reading);
    }
    long delayed = database.getLongProperty("rocksdb.actual-delayed-write-rate");
    long stopped = database.getLongProperty("rocksdb.is-write-stopped");
    return new EngineStatistics(
        reading.properties,
        reading.metrics,
        reading.usedBytes,
        reading.pendingCompactionBytes,
        (int) reading.level0Files,
        delayed > 0 || stopped > 0);
  }

  private void readFamily(Cf cf, Reading reading) throws RocksDBException {
    String name = cf.wireName();
    long files = reading.property(cf, "rocksdb.total-sst-files-size");
    long blobs = reading.property(cf, "rocksdb.total-blob-file-size");
    long tables = reading.property(cf, "rocksdb.cur-size-all-mem-tables");
    reading.usedBytes += files + blobs + tables;
    reading.gauge("size_bytes", files + blobs, "type", name);
    reading.gauge("memory_bytes", tables, "cf", name, "type", "mem-tables-all");
    reading.gauge(
        "memory_bytes",
        reading.property(cf, "rocksdb.estimate-table-readers-mem"),
        "cf",
        name,
        "type",
        "readers-mem");
    reading.gauge(
        "estimate_num_keys", reading.property(cf, "rocksdb.estimate-num-keys"), "cf", name);
    long pending = reading.property(cf, "rocksdb.estimate-pending-compaction-bytes");
    reading.pendingCompactionBytes += pending;
    reading.gauge("pending_compaction_bytes", pending, "cf", name);
    reading.gauge(
        "num_immutable_mem_table",
        reading.property(cf, "rocksdb.num-immutable-mem-table"),
        "cf",
        name);
    for (int level = 0; level < LEVELS; level++) {
      String property = "rocksdb.num-files-at-level" + level;
      String text = database.getProperty(families[cf.ordinal()], property);
      long count = text == null ? 0 : Long.parseLong(text);
      reading.properties.put(property + "/" + name, count);
      reading.gauge("num_files_at_level", count, "cf", name, "level", Integer.toString(level));
      if (level == 0) {
        reading.level0Files = Math.max(reading.level0Files, count);
      }
    }
  }

  private static void readStatistics(Statistics statistics, Reading reading) {
    for (Ticker ticker : TICKERS) {
      double count = statistics.getTickerCount(ticker.type);
      Map<String, String> labels = ticker.label.isEmpty() ? labels() : labels("type", ticker.label);
      reading.metrics.add(new EngineMetric(name(ticker.metric), labels, count, true));
    }
    for (Histogram histogram : HISTOGRAMS) {
      HistogramData data = statistics.getHistogramData(histogram.type);
      reading.histogram(histogram, "_median", data.getMedian());
      reading.histogram(histogram, "_percentile95", data.getPercentile95());
      reading.histogram(histogram, "_percentile99", data.getPercentile99());
      reading.histogram(histogram, "_average", data.getAverage());
      reading.histogram(histogram, "_standard_deviation", data.getStandardDeviation());
      reading.histogram(histogram, "_max", data.getMax());
    }
  }

  private static String name(String metric) {
    return "tikv_engine_" + metric;
  }

  private static Map<String, String> labels(String... pairs) {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put("db", DB);
    for (int i = 0; i < pairs.length; i += 2) {
      labels.put(pairs[i], pairs[i + 1]);
    }
    return labels;
  }

  /** What one reading gathers. */
  private final class Reading {
    private final Map<String, Long> properties = new LinkedHashMap<>();
    private final List<EngineMetric> metrics = new ArrayList<>();
    private long usedBytes;
    private long pendingCompactionBytes;
    private long level0Files;

    long property(Cf cf, String property) throws RocksDBException {
      long value = database.getLongProperty(families[cf.ordinal()], property);
      properties.put(property + "/" + cf.wireName(), value);
      return value;
    }

    void gauge(String metric, long value, String... pairs) {
      metrics.add(new EngineMetric(name(metric), labels(pairs), value, false));
    }

    void histogram(Histogram histogram, String statistic, double value) {
      Map<String, String> labels = labels("type", histogram.label + statistic);
      metrics.add(new EngineMetric(name(histogram.metric), labels, value, false));
    }
  }
}
