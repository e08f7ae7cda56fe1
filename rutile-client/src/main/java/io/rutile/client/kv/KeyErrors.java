package io.rutile.client.kv;

import io.rutile.base.bytes.Bytes;
import io.rutile.proto.kvrpcpb.KeyError;

/**
 * What a key error of a store means to the caller of the client. Locks are dealt with before it
 * comes to this.
 */
final class KeyErrors {
  private KeyErrors() {}

  static KvException toException(KeyError error) {
    if (error.hasConflict()) {
      return new KvException(
          KvException.Kind.CONFLICT,
          "write conflict on "
              + Bytes.hex(error.getConflict().getKey().toByteArray())
              + ": "
              + error.getConflict().getReason()
              + " with "
              + Long.toUnsignedString(error.getConflict().getConflictTs()));
    }
    if (error.hasDeadlock()) {
      return new KvException(
          KvException.Kind.DEADLOCK,
          "deadlock of " + error.getDeadlock().getWaitChainCount() + " transactions");
    }
    if (error.hasAlreadyExist()) {
      return new KvException(
          KvException.Kind.ALREADY_EXISTS,
          "key exists: " + Bytes.hex(error.getAlreadyExist().getKey().toByteArray()));
    }
    if (error.hasTxnLockNotFound() || error.hasCommitTsExpired() || error.hasCommitTsTooLarge()) {
      return new KvException(KvException.Kind.CONFLICT, error.toString());
    }
    if (!error.getRetryable().isEmpty()) {
      return new KvException(KvException.Kind.CONFLICT, error.getRetryable());
    }
    return new KvException(
        KvException.Kind.ABORTED, error.getAbort().isEmpty() ? error.toString() : error.getAbort());
  }
}
