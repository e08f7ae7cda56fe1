package io.rutile.pd.schedule.hot;

/**
 * A peer with much traffic, at one moment.
 *
 * @param leader whether it leads
 * @param degree reports in a row, about, in which it was hot; schedulers act from {@code
 *     hot-region-cache-hits-threshold} on
 * @param load its traffic
 * @param intervalSeconds time between its reports
 * @param reportedNanos monotonic time of the last report
 */
public record HotPeer(
    long regionId,
    long storeId,
    boolean leader,
    boolean learner,
    int degree,
    Load load,
    long intervalSeconds,
    long reportedNanos) {}
