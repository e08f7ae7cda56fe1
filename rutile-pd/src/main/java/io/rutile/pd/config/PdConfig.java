package io.rutile.pd.config;

import io.rutile.base.config.ReadableDuration;

/**
 * Everything that is configurable in PD and not only at start, in PD's own sections.
 *
 * @param schedule limits and switches of the schedulers and checkers
 * @param replication how many replicas, and where
 * @param pdServer the rest
 * @param tsoSaveInterval how far ahead of the clock timestamps are reserved on disk
 * @param tsoUpdatePhysicalInterval how often the oracle follows the clock
 */
public record PdConfig(
    ScheduleConfig schedule,
    ReplicationConfig replication,
    ServiceConfig pdServer,
    ReadableDuration tsoSaveInterval,
    ReadableDuration tsoUpdatePhysicalInterval) {
  public static final PdConfig DEFAULT =
      new PdConfig(
          ScheduleConfig.DEFAULT,
          ReplicationConfig.DEFAULT,
          ServiceConfig.DEFAULT,
          ReadableDuration.seconds(5),
          ReadableDuration.millis(50));

  public PdConfig withSchedule(ScheduleConfig changed) {
    return new PdConfig(changed, replication, pdServer, tsoSaveInterval, tsoUpdatePhysicalInterval);
  }

  public PdConfig withReplication(ReplicationConfig changed) {
    return new PdConfig(schedule, changed, pdServer, tsoSaveInterval, tsoUpdatePhysicalInterval);
  }

  public PdConfig withPdServer(ServiceConfig changed) {
    return new PdConfig(schedule, replication, changed, tsoSaveInterval, tsoUpdatePhysicalInterval);
  }
}
