package io.rutile.server.service;

import io.rutile.base.clock.Clock;
import io.rutile.base.clock.Timers;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * What the services of one store share. Immutable.
 *
 * @param cluster refuses requests for other clusters
 * @param responseWriters serialises and writes responses which the apply threads must not spend
 *     time on
 * @param clock time for durations and delays
 * @param transportLoad CPU use of the transport's threads in percent of one core
 * @param health health feedback
 * @param healthFeedbackInterval how often a stream carries health feedback
 * @param delays runs the answers that a client asked to get late
 * @param metrics counts and times requests
 */
record ServiceContext(
    ClusterGuard cluster,
    Executor responseWriters,
    Clock clock,
    LongSupplier transportLoad,
    HealthReporter health,
    Duration healthFeedbackInterval,
    Timers delays,
    RpcMetrics metrics) {}
