package io.rutile.txn.command.action;

import io.rutile.base.codec.TimeStamp;
import io.rutile.proto.kvrpcpb.Assertion;
import io.rutile.proto.kvrpcpb.AssertionLevel;
import io.rutile.txn.error.TxnError;
import io.rutile.txn.mvcc.MvccReader;
import io.rutile.txn.mvcc.VersionedWrite;
import io.rutile.txn.record.WriteType;
import org.jspecify.annotations.Nullable;

/**
 * What a client claims about the existence of a key, to find its own bugs. At level Fast only what
 * has been read anyway is checked; at level Strict the key is read if need be.
 */
final class Assertions {
  private Assertions() {}

  /** The failure of the mutation's assertion, or null. */
  static TxnError.@Nullable AssertionFailed check(
      PrewriteTxn txn,
      MvccReader reader,
      PrewriteMutation mutation,
      @Nullable VersionedWrite newest,
      boolean loaded) {
    Assertion assertion = mutation.assertion();
    if (assertion == Assertion.None
        || txn.assertionLevel() == AssertionLevel.Off
        || (txn.assertionLevel() != AssertionLevel.Strict && !loaded)) {
      return null;
    }
    VersionedWrite change = newest;
    if (!loaded || (newest != null && !newest.write().type().changesValue())) {
      change = reader.newestChange(mutation.encodedKey(), TimeStamp.MAX, TimeStamp.MAX);
    }
    boolean exists = change != null && change.write().type() == WriteType.PUT && !isFenced(change);
    boolean holds =
        switch (assertion) {
          case Exist -> exists;
          case NotExist -> !exists;
          case None, UNRECOGNIZED -> true;
        };
    if (holds) {
      return null;
    }
    return new TxnError.AssertionFailed(
        txn.startTs(),
        mutation.rawKey(),
        assertion,
        change == null ? 0 : change.write().startTs(),
        change == null ? 0 : change.commitTs());
  }

  private static boolean isFenced(VersionedWrite change) {
    Long fence = change.write().gcFence();
    return fence != null && fence != 0;
  }
}
