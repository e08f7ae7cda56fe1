package io.rutile.engine.api;

import java.util.Map;

/**
 * One value of the engine under TiKV's metric name, ready to be rendered.
 *
 * @param name for example {@code tikv_engine_size_bytes}
 * @param labels in the order in which TiKV registers them, for example {@code db=kv, type=write}
 * @param value the value now
 * @param counter whether the value only grows while the engine is open
 */
public record EngineMetric(
    String name, Map<String, String> labels, double value, boolean counter) {}
