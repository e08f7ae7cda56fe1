package io.rutile.pd.config;

/**
 * Everything that is configurable in PD and not only at start, in PD's own sections.
 *
 * @param schedule limits and switches of the schedulers and checkers
 * @param replication how many replicas, and where
 * @param pdServer the rest
 * @param leaseSeconds how long a leader may serve without hearing from a majority
 * @param tsoSaveIntervalMillis how far ahead of the clock timestamps are reserved on disk
 * @param tsoUpdatePhysicalIntervalMillis how often the oracle follows the clock
 */
public record PdConfig(
    ScheduleConfig schedule,
    ReplicationConfig replication,
    ServiceConfig pdServer,
    long leaseSeconds,
    long tsoSaveIntervalMillis,
    long tsoUpdatePhysicalIntervalMillis) {
  public static final PdConfig DEFAULT =
      new PdConfig(
          ScheduleConfig.DEFAULT, ReplicationConfig.DEFAULT, ServiceConfig.DEFAULT, 5, 5000, 50);

  public PdConfig withSchedule(ScheduleConfig changed) {
    return new PdConfig(
        changed,
        replication,
        pdServer,
        leaseSeconds,
        tsoSaveIntervalMillis,
        tsoUpdatePhysicalIntervalMillis);
  }

  public PdConfig withReplication(ReplicationConfig changed) {
    return new PdConfig(
        schedule,
        changed,
        pdServer,
        leaseSeconds,
        tsoSaveIntervalMillis,
        tsoUpdatePhysicalIntervalMillis);
  }

  public PdConfig withPdServer(ServiceConfig changed) {
    return new PdConfig(
        schedule,
        replication,
        changed,
        leaseSeconds,
        tsoSaveIntervalMillis,
        tsoUpdatePhysicalIntervalMillis);
  }
}
