package io.rutile.txn.command;

import io.rutile.proto.kvrpcpb.ExecDetailsV2;
import io.rutile.txn.gate.RegionSnapshot;
import io.rutile.txn.mvcc.ReadStatistics;

/** What a read sees of the world. The snapshot is closed by whoever made the environment. */
public interface ReadEnv {
  RegionSnapshot snapshot();

  /** Counts of what was read, added to by the read. */
  ReadStatistics statistics();

  /** Called once at the end of the read: its statistics, and whatever times are known. */
  ExecDetailsV2 execDetails();

  /** An environment that reports statistics and no times. */
  static ReadEnv of(RegionSnapshot snapshot, ReadStatistics statistics) {
    record Plain(RegionSnapshot snapshot, ReadStatistics statistics) implements ReadEnv {
      @Override
      public ExecDetailsV2 execDetails() {
        return ExecDetailsV2.newBuilder().setScanDetailV2(statistics.toScanDetailV2()).build();
      }
    }
    return new Plain(snapshot, statistics);
  }
}
