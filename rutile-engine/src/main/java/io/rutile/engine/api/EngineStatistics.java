package io.rutile.engine.api;

import java.util.Map;

/**
 * Gauges of one engine at one moment.
 *
 * @param properties engine property by name, for example {@code rocksdb.num-files-at-level0/write}
 * @param usedBytes bytes on disk, log files included
 * @param pendingCompactionBytes estimated debt of compaction over all column families
 * @param level0Files the largest number of level-0 files of any column family
 * @param writeStalled whether the engine delays or stops writes
 */
public record EngineStatistics(
    Map<String, Long> properties,
    long usedBytes,
    long pendingCompactionBytes,
    int level0Files,
    boolean writeStalled) {}
