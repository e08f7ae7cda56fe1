package io.rutile.txn.command;

import io.rutile.proto.kvrpcpb.Context;
import io.rutile.txn.command.action.Requests;
import io.rutile.txn.mvcc.LockCheck;
import io.rutile.txn.mvcc.ReadSpec;

/**
 * The part of a read that comes before its snapshot. Stale reads skip it: what they read is below
 * every lock that can still commit.
 */
final class ReadPreparation {
  private ReadPreparation() {}

  static void key(ConcurrencyView concurrency, Context context, ReadSpec spec, byte[] encodedKey) {
    if (raiseMaxTs(concurrency, context, spec)) {
      concurrency.checkKey(encodedKey, visitor(spec));
    }
  }

  static void keys(
      ConcurrencyView concurrency, Context context, ReadSpec spec, Iterable<byte[]> encodedKeys) {
    if (raiseMaxTs(concurrency, context, spec)) {
      ConcurrencyView.LockVisitor visitor = visitor(spec);
      for (byte[] encodedKey : encodedKeys) {
        concurrency.checkKey(encodedKey, visitor);
      }
    }
  }

  static void range(
      ConcurrencyView concurrency,
      Context context,
      ReadSpec spec,
      byte[] encodedStart,
      byte[] encodedEnd) {
    if (raiseMaxTs(concurrency, context, spec)) {
      concurrency.checkRange(encodedStart, encodedEnd, visitor(spec));
    }
  }

  /**
   * Refuses when the lock blocks the read. Nothing is read through a lock in memory: its value is
   * perhaps not in the snapshot yet.
   */
  private static ConcurrencyView.LockVisitor visitor(ReadSpec spec) {
    ReadSpec strict = spec.withoutReadThrough();
    return (encodedKey, lock) -> LockCheck.check(encodedKey, lock, strict);
  }

  private static boolean raiseMaxTs(ConcurrencyView concurrency, Context context, ReadSpec spec) {
    if (context.getStaleRead()) {
      if (spec.readTs() == 0) {
        throw Requests.bad("a stale read needs a timestamp");
      }
      return false;
    }
    concurrency.updateMaxTs(spec.readTs(), false);
    return LockCheck.appliesToMemoryLocks(spec.isolation());
  }
}
