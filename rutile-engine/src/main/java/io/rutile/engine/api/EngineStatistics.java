package io.rutile.engine.api;

import java.util.List;
import java.util.Map;

/**
 * Gauges of one engine at one moment.
 *
 * @param properties engine property by name and family, for example {@code
 *     rocksdb.num-files-at-level0/write}
 * @param metrics the same and more in TiKV's metric vocabulary
 * @param usedBytes bytes on disk, write-ahead logs included
 * @param pendingCompactionBytes estimated debt of compaction over all column families
 * @param level0Files the largest number of level-0 files of any column family
 * @param writeStalled whether the engine delays or stops writes
 */
public record EngineStatistics(
    Map<String, Long> properties,
    List<EngineMetric> metrics,
    long usedBytes,
    long pendingCompactionBytes,
    int level0Files,
    boolean writeStalled) {}
