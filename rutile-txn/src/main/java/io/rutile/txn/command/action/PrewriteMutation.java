package io.rutile.txn.command.action;

import io.rutile.proto.kvrpcpb.Assertion;
import io.rutile.proto.kvrpcpb.PrewriteRequest.PessimisticAction;
import io.rutile.txn.record.LockType;
import org.jspecify.annotations.Nullable;

/**
 * One key of a prewrite.
 *
 * @param lockType what to lock it as; null for a check that writes nothing
 * @param mustNotExist whether a value under the key refuses the request
 * @param shared whether the lock may stand beside those of other transactions
 * @param expectedForUpdateTs what the pessimistic lock's for_update_ts must be, null for anything
 */
public record PrewriteMutation(
    @Nullable LockType lockType,
    byte[] rawKey,
    byte[] encodedKey,
    byte[] value,
    boolean mustNotExist,
    boolean shared,
    Assertion assertion,
    PessimisticAction action,
    @Nullable Long expectedForUpdateTs) {

  /** Whether the client took a pessimistic lock on the key before. */
  boolean expectsPessimisticLock() {
    return action == PessimisticAction.DO_PESSIMISTIC_CHECK;
  }
}
