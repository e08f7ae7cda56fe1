package io.rutile.server.resolvedts;

import java.time.Duration;

/**
 * Settings, named by their configuration items.
 *
 * @param enabled resolved-ts.enable
 * @param advanceInterval resolved-ts.advance-ts-interval
 * @param memoryQuotaBytes resolved-ts.memory-quota, for the locks of all regions
 */
public record ResolvedTsSettings(
    boolean enabled, Duration advanceInterval, long memoryQuotaBytes) {}
