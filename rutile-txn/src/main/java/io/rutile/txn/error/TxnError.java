package io.rutile.txn.error;

import io.rutile.base.bytes.Bytes;
import io.rutile.base.error.ErrorCategory;
import io.rutile.base.error.ErrorCodes;
import io.rutile.proto.deadlock.WaitForEntry;
import io.rutile.proto.kvrpcpb.APIVersion;
import io.rutile.proto.kvrpcpb.Assertion;
import io.rutile.proto.kvrpcpb.LockInfo;
import io.rutile.proto.kvrpcpb.MvccInfo;
import io.rutile.proto.kvrpcpb.WriteConflict;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why a transactional request was refused. Keys are raw keys as the client knows them. The first
 * group has fields of its own in {@code KeyError}; the rest, those of {@link Abort}, reach the
 * client as text only, in which the variant's name is what operators and upper layers look for.
 */
public sealed interface TxnError {

  /** Code of the error catalogue. */
  String code();

  default ErrorCategory category() {
    return ErrorCategory.CALLER;
  }

  /** One sentence for a person. */
  String text();

  /** Another transaction's lock stands in the way. */
  record KeyIsLocked(LockInfo lock) implements TxnError {
    @Override
    public String code() {
      return ErrorCodes.STORAGE_KEY_IS_LOCKED;
    }

    @Override
    public ErrorCategory category() {
      return ErrorCategory.RETRY_LATER;
    }

    @Override
    public String text() {
      return "key is locked (backoff or cleanup) by transaction "
          + Long.toUnsignedString(lock.getLockVersion());
    }
  }

  /**
   * A write that this transaction does not see stands in the way.
   *
   * @param startTs of the refused transaction
   * @param conflictStartTs of the transaction it lost to
   * @param conflictCommitTs of the same, 0 when that one rolled back
   */
  record Conflict(
      long startTs,
      long conflictStartTs,
      long conflictCommitTs,
      byte[] key,
      byte[] primary,
      WriteConflict.Reason reason)
      implements TxnError {
    @Override
    public String code() {
      return ErrorCodes.STORAGE_WRITE_CONFLICT;
    }

    @Override
    public ErrorCategory category() {
      return ErrorCategory.RETRY_LATER;
    }

    @Override
    public String text() {
      return "write conflict, start_ts: "
          + Long.toUnsignedString(startTs)
          + ", conflict_start_ts: "
          + Long.toUnsignedString(conflictStartTs)
          + ", conflict_commit_ts: "
          + Long.toUnsignedString(conflictCommitTs)
          + ", key: "
          + hex(key)
          + ", primary: "
          + hex(primary)
          + ", reason: "
          + reason;
    }
  }

  record AlreadyExist(byte[] key) implements TxnError {
    @Override
    public String code() {
      return ErrorCodes.STORAGE_ALREADY_EXIST;
    }

    @Override
    public String text() {
      return "key " + hex(key) + " already exists";
    }
  }

  /**
   * A commit found neither the lock nor a commit record.
   *
   * @param debugInfo what stands under the key, when that was worth reading
   */
  record TxnLockNotFound(long startTs, long commitTs, byte[] key, @Nullable MvccInfo debugInfo)
      implements TxnError {
    @Override
    public String code() {
      return ErrorCodes.STORAGE_TXN_LOCK_NOT_FOUND;
    }

    @Override
    public String text() {
      return "txn lock not found "
          + Long.toUnsignedString(startTs)
          + "-"
          + Long.toUnsignedString(commitTs)
          + " key: "
          + hex(key);
    }
  }

  record TxnNotFound(long startTs, byte[] key) implements TxnError {
    @Override
    public String code() {
      return ErrorCodes.STORAGE_TXN_NOT_FOUND;
    }

    @Override
    public String text() {
      return "txn not found " + Long.toUnsignedString(startTs) + " key: " + hex(key);
    }
  }

  /**
   * Waiting for the lock would close a cycle.
   *
   * @param lockTs start_ts of the lock's owner
   * @param waitChain the cycle, the refused wait last
   */
  record Deadlock(
      long startTs, long lockTs, byte[] lockKey, long deadlockKeyHash, List<WaitForEntry> waitChain)
      implements TxnError {
    @Override
    public String code() {
      return ErrorCodes.STORAGE_DEADLOCK;
    }

    @Override
    public String text() {
      return "deadlock occurs between txn: "
          + Long.toUnsignedString(startTs)
          + " and txn: "
          + Long.toUnsignedString(lockTs)
          + ", lock key: "
          + hex(lockKey)
          + ", deadlock hash: "
          + Long.toUnsignedString(deadlockKeyHash);
    }
  }

  /** The commit_ts is below what readers have been promised. */
  record CommitTsExpired(long startTs, long commitTs, byte[] key, long minCommitTs)
      implements TxnError {
    @Override
    public String code() {
      return ErrorCodes.STORAGE_COMMIT_TS_EXPIRED;
    }

    @Override
    public String text() {
      return "try to commit key "
          + hex(key)
          + " with commit_ts "
          + Long.toUnsignedString(commitTs)
          + " but min_commit_ts is "
          + Long.toUnsignedString(minCommitTs);
    }
  }

  /** The lowest possible commit_ts lies above what the client allows. */
  record CommitTsTooLarge(long startTs, long minCommitTs, long maxCommitTs) implements TxnError {
    @Override
    public String code() {
      return ErrorCodes.STORAGE_COMMIT_TS_TOO_LARGE;
    }

    @Override
    public String text() {
      return "min_commit_ts "
          + Long.toUnsignedString(minCommitTs)
          + " is larger than max_commit_ts "
          + Long.toUnsignedString(maxCommitTs)
          + ", start_ts: "
          + Long.toUnsignedString(startTs);
    }
  }

  record AssertionFailed(
      long startTs, byte[] key, Assertion assertion, long existingStartTs, long existingCommitTs)
      implements TxnError {
    @Override
    public String code() {
      return ErrorCodes.STORAGE_ASSERTION_FAILED;
    }

    @Override
    public String text() {
      return "assertion "
          + assertion
          + " failed on key "
          + hex(key)
          + ", existing start_ts: "
          + Long.toUnsignedString(existingStartTs)
          + ", existing commit_ts: "
          + Long.toUnsignedString(existingCommitTs);
    }
  }

  /** The key that should be its transaction's primary is not. */
  record PrimaryMismatch(LockInfo lock) implements TxnError {
    @Override
    public String code() {
      return ErrorCodes.STORAGE_PRIMARY_MISMATCH;
    }

    @Override
    public String text() {
      return "primary mismatch, the lock's primary is " + hex(lock.getPrimaryLock().toByteArray());
    }
  }

  /** The errors that reach the client as {@code KeyError.abort} text. */
  sealed interface Abort extends TxnError {}

  /** Why {@link PessimisticLockNotFound}. */
  enum LockLoss {
    LOCK_TS_MISMATCH("LockTsMismatch"),
    LOCK_MISSING_AMEND_FAIL("LockMissingAmendFail"),
    LOCK_FOR_UPDATE_TS_MISMATCH("LockForUpdateTsMismatch"),
    NON_LOCK_KEY_CONFLICT("NonLockKeyConflict"),
    SHARED_LOCK_NOT_HELD("SharedLockNotHeld");

    private final String wireName;

    LockLoss(String wireName) {
      this.wireName = wireName;
    }
  }

  record PessimisticLockNotFound(long startTs, byte[] key, LockLoss reason) implements Abort {
    @Override
    public String code() {
      return ErrorCodes.STORAGE_PESSIMISTIC_LOCK_NOT_FOUND;
    }

    @Override
    public String text() {
      return "PessimisticLockNotFound { start_ts: "
          + Long.toUnsignedString(startTs)
          + ", key: "
          + hex(key)
          + ", reason: "
          + reason.wireName
          + " }";
    }
  }

  record PessimisticLockRolledBack(long startTs, byte[] key) implements Abort {
    @Override
    public String code() {
      return ErrorCodes.STORAGE_PESSIMISTIC_LOCK_ROLLED_BACK;
    }

    @Override
    public String text() {
      return "PessimisticLockRolledBack { start_ts: "
          + Long.toUnsignedString(startTs)
          + ", key: "
          + hex(key)
          + " }";
    }
  }

  record LockTypeNotMatch(long startTs, byte[] key, boolean pessimistic) implements Abort {
    @Override
    public String code() {
      return ErrorCodes.STORAGE_LOCK_TYPE_NOT_MATCH;
    }

    @Override
    public String text() {
      return "LockTypeNotMatch { start_ts: "
          + Long.toUnsignedString(startTs)
          + ", key: "
          + hex(key)
          + ", pessimistic: "
          + pessimistic
          + " }";
    }
  }

  /** A rollback found its transaction committed. */
  record Committed(long startTs, long commitTs, byte[] key) implements Abort {
    @Override
    public String code() {
      return ErrorCodes.STORAGE_COMMITTED;
    }

    @Override
    public String text() {
      return "Committed { start_ts: "
          + Long.toUnsignedString(startTs)
          + ", commit_ts: "
          + Long.toUnsignedString(commitTs)
          + ", key: "
          + hex(key)
          + " }";
    }
  }

  record InvalidTxnTso(long startTs, long commitTs) implements Abort {
    @Override
    public String code() {
      return ErrorCodes.STORAGE_INVALID_TXN_TSO;
    }

    @Override
    public String text() {
      return "InvalidTxnTso { start_ts: "
          + Long.toUnsignedString(startTs)
          + ", commit_ts: "
          + Long.toUnsignedString(commitTs)
          + " }";
    }
  }

  record KeyTooLarge(int size, int limit) implements Abort {
    @Override
    public String code() {
      return ErrorCodes.STORAGE_KEY_TOO_LARGE;
    }

    @Override
    public String text() {
      return "KeyTooLarge { size: " + size + ", limit: " + limit + " }";
    }
  }

  /** lock_only_if_exists without return_values. */
  record LockIfExistsFailed(long startTs, byte[] key) implements Abort {
    @Override
    public String code() {
      return ErrorCodes.STORAGE_UNKNOWN;
    }

    @Override
    public String text() {
      return "LockIfExistsFailed { start_ts: "
          + Long.toUnsignedString(startTs)
          + ", key: "
          + hex(key)
          + " }";
    }
  }

  record ApiVersionNotMatched(String command, APIVersion storage, APIVersion request)
      implements Abort {
    @Override
    public String code() {
      return ErrorCodes.STORAGE_API_VERSION_NOT_MATCHED;
    }

    @Override
    public String text() {
      return "ApiVersionNotMatched { cmd: "
          + command
          + ", storage_api_version: "
          + storage
          + ", req_api_version: "
          + request
          + " }";
    }
  }

  record InvalidKeyMode(String command, APIVersion storage, byte[] key) implements Abort {
    @Override
    public String code() {
      return ErrorCodes.STORAGE_INVALID_KEY_MODE;
    }

    @Override
    public String text() {
      return "InvalidKeyMode { cmd: "
          + command
          + ", storage_api_version: "
          + storage
          + ", key: "
          + hex(key)
          + " }";
    }
  }

  /** A committed long value has lost its row: stored data is damaged. */
  record DefaultNotFound(byte[] key, long startTs) implements Abort {
    @Override
    public String code() {
      return ErrorCodes.STORAGE_DEFAULT_NOT_FOUND;
    }

    @Override
    public ErrorCategory category() {
      return ErrorCategory.CORRUPTION;
    }

    @Override
    public String text() {
      return "DefaultNotFound { default not found: key: "
          + hex(key)
          + ", start_ts: "
          + Long.toUnsignedString(startTs)
          + " }";
    }
  }

  /** A flush of a pipelined transaction without a generation. */
  record InvalidGeneration(long startTs) implements Abort {
    @Override
    public String code() {
      return ErrorCodes.STORAGE_UNKNOWN;
    }

    @Override
    public String text() {
      return "Other(\"generation should be greater than 0, start_ts: "
          + Long.toUnsignedString(startTs)
          + "\")";
    }
  }

  /** A request that no correct client sends; the message says what is wrong with it. */
  record BadRequest(String message) implements Abort {
    @Override
    public String code() {
      return ErrorCodes.STORAGE_UNKNOWN;
    }

    @Override
    public String text() {
      return "Other(\"" + message + "\")";
    }
  }

  private static String hex(byte[] key) {
    return Bytes.hex(key);
  }

  /** The error as an exception to throw. */
  default TxnException exception() {
    return new TxnException(this);
  }
}
