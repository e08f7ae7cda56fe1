package io.rutile.txn.command;

import io.rutile.proto.kvrpcpb.Context;
import io.rutile.txn.gate.ReadGuard;
import java.util.List;

/** Which snapshot a transactional read needs, by what its context asks for. */
final class ReadGuards {
  private ReadGuards() {}

  static ReadGuard of(Context context, long readTs, List<ReadGuard.KeyRange> ranges) {
    if (context.getStaleRead()) {
      return new ReadGuard.Stale(readTs);
    }
    if (context.getReplicaRead()) {
      return new ReadGuard.Replica(readTs, ranges);
    }
    return ReadGuard.LEADER;
  }
}
