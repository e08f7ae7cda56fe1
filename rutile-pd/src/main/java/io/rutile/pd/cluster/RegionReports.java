package io.rutile.pd.cluster;

import io.rutile.pd.core.RegionFlow;
import io.rutile.pd.core.RegionInfo;
import io.rutile.proto.pdpb.RegionHeartbeatRequest;
import org.jspecify.annotations.Nullable;

/** From a heartbeat to what the map keeps of it. Stateless. */
final class RegionReports {
  private static final long MIB = 1 << 20;

  private RegionReports() {}

  /**
   * @param known the region as it was, whose size and buckets stand in where the report has none
   */
  static RegionInfo toRegion(RegionHeartbeatRequest report, @Nullable RegionInfo known) {
    long seconds =
        Math.max(
            0, report.getInterval().getEndTimestamp() - report.getInterval().getStartTimestamp());
    long size = mib(report.getApproximateSize());
    long keys = report.getApproximateKeys();
    if (size == 0) {
      size = known == null || known.sizeMib() == 0 ? 1 : known.sizeMib();
      keys = known == null ? keys : known.flow().keys();
    }
    long cpu = report.hasCpuStats() ? report.getCpuStats().getUnifiedRead() : legacyCpu(report);
    RegionFlow flow =
        new RegionFlow(
            report.getBytesWritten(),
            report.getBytesRead(),
            report.getKeysWritten(),
            report.getKeysRead(),
            size,
            keys,
            mib(report.getApproximateKvSize()),
            mib(report.getApproximateColumnarKvSize()),
            cpu,
            seconds,
            report.getQueryStats(),
            known == null ? null : known.flow().buckets());
    return new RegionInfo(
        report.getRegion(),
        report.getLeader().getId() == 0 ? null : report.getLeader(),
        report.getTerm(),
        report.getDownPeersList(),
        report.getPendingPeersList(),
        flow,
        report.getReplicationStatus());
  }

  @SuppressWarnings("deprecation") // older stores fill only the old field
  private static long legacyCpu(RegionHeartbeatRequest report) {
    return report.getCpuUsage();
  }

  /** Bytes in MiB, at least 1 unless there are none. */
  private static long mib(long bytes) {
    return bytes == 0 ? 0 : Math.max(1, bytes / MIB);
  }

  /** Why the report makes no sense, or null. */
  static @Nullable String defect(RegionHeartbeatRequest report) {
    if (!report.hasRegion() || report.getRegion().getId() == 0) {
      return "invalid request region, " + report.getRegion().getId();
    }
    if (report.getLeader().getId() == 0) {
      return "invalid request leader, " + report.getLeader().getId();
    }
    if (report.getRegion().getPeersCount() == 0) {
      return "invalid region, zero region peer count";
    }
    return null;
  }
}
