package io.rutile.txn.error;

import static com.google.protobuf.UnsafeByteOperations.unsafeWrap;

import io.rutile.proto.kvrpcpb.AlreadyExist;
import io.rutile.proto.kvrpcpb.AssertionFailed;
import io.rutile.proto.kvrpcpb.CommitTsExpired;
import io.rutile.proto.kvrpcpb.CommitTsTooLarge;
import io.rutile.proto.kvrpcpb.Deadlock;
import io.rutile.proto.kvrpcpb.DebugInfo;
import io.rutile.proto.kvrpcpb.KeyError;
import io.rutile.proto.kvrpcpb.MvccDebugInfo;
import io.rutile.proto.kvrpcpb.PrimaryMismatch;
import io.rutile.proto.kvrpcpb.TxnLockNotFound;
import io.rutile.proto.kvrpcpb.TxnNotFound;
import io.rutile.proto.kvrpcpb.WriteConflict;

/** The one place where {@link TxnError} becomes {@code kvrpcpb.KeyError}. */
public final class KeyErrors {
  private KeyErrors() {}

  public static KeyError of(TxnException exception) {
    return of(exception.error());
  }

  public static KeyError of(TxnError error) {
    KeyError.Builder out = KeyError.newBuilder();
    switch (error) {
      case TxnError.KeyIsLocked e -> out.setLocked(e.lock());
      case TxnError.Conflict e -> conflict(e, out);
      case TxnError.AlreadyExist e ->
          out.setAlreadyExist(AlreadyExist.newBuilder().setKey(unsafeWrap(e.key())));
      case TxnError.TxnLockNotFound e -> lockNotFound(e, out);
      case TxnError.TxnNotFound e ->
          out.setTxnNotFound(
              TxnNotFound.newBuilder().setStartTs(e.startTs()).setPrimaryKey(unsafeWrap(e.key())));
      case TxnError.Deadlock e ->
          out.setDeadlock(
              Deadlock.newBuilder()
                  .setLockTs(e.lockTs())
                  .setLockKey(unsafeWrap(e.lockKey()))
                  .setDeadlockKeyHash(e.deadlockKeyHash())
                  .addAllWaitChain(e.waitChain()));
      case TxnError.CommitTsExpired e ->
          out.setCommitTsExpired(
              CommitTsExpired.newBuilder()
                  .setStartTs(e.startTs())
                  .setAttemptedCommitTs(e.commitTs())
                  .setKey(unsafeWrap(e.key()))
                  .setMinCommitTs(e.minCommitTs()));
      case TxnError.CommitTsTooLarge e ->
          out.setCommitTsTooLarge(CommitTsTooLarge.newBuilder().setCommitTs(e.minCommitTs()));
      case TxnError.AssertionFailed e ->
          out.setAssertionFailed(
              AssertionFailed.newBuilder()
                  .setStartTs(e.startTs())
                  .setKey(unsafeWrap(e.key()))
                  .setAssertion(e.assertion())
                  .setExistingStartTs(e.existingStartTs())
                  .setExistingCommitTs(e.existingCommitTs()));
      case TxnError.PrimaryMismatch e ->
          out.setPrimaryMismatch(PrimaryMismatch.newBuilder().setLockInfo(e.lock()));
      case TxnError.Abort e -> out.setAbort(e.text());
    }
    return out.build();
  }

  private static void conflict(TxnError.Conflict e, KeyError.Builder out) {
    out.setConflict(
        WriteConflict.newBuilder()
            .setStartTs(e.startTs())
            .setConflictTs(e.conflictStartTs())
            .setConflictCommitTs(e.conflictCommitTs())
            .setKey(unsafeWrap(e.key()))
            .setPrimary(unsafeWrap(e.primary()))
            .setReason(e.reason()));
    out.setRetryable(e.text());
  }

  private static void lockNotFound(TxnError.TxnLockNotFound e, KeyError.Builder out) {
    out.setTxnLockNotFound(TxnLockNotFound.newBuilder().setKey(unsafeWrap(e.key())));
    out.setRetryable("TxnLockNotFound: " + e.text());
    if (e.debugInfo() != null) {
      out.setDebugInfo(
          DebugInfo.newBuilder()
              .addMvccInfo(
                  MvccDebugInfo.newBuilder().setKey(unsafeWrap(e.key())).setMvcc(e.debugInfo())));
    }
  }
}
