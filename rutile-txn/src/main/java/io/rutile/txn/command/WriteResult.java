package io.rutile.txn.command;

import com.google.protobuf.Message;
import io.rutile.proto.kvrpcpb.LockInfo;
import io.rutile.txn.command.action.TxnChanges;
import io.rutile.txn.gate.Modify;
import io.rutile.txn.gate.WriteBatchData;
import io.rutile.txn.record.Lock;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a command decided. The owner applies {@code modifies} atomically, closes {@code guards}
 * after that (or after the write failed), tells waiters about {@code released}, and then answers
 * with {@code response}, or runs {@code next} and answers with what comes of that.
 *
 * @param response the answer once the write is applied; the default message while {@code next} is
 *     set or {@code lockWait} is
 * @param modifies changes in order, empty when there is nothing to write
 * @param flags properties of the entry
 * @param released locks that end with this write
 * @param acquired pessimistic locks that begin with it, also part of {@code modifies}; an owner
 *     that keeps such locks in memory may leave the write out when it consists of nothing else
 * @param guards handles of the memory lock table to give back after the write
 * @param statuses transactions whose outcome is decided by this write
 * @param lockWait the lock that this request is to wait for; nothing is written then
 * @param next the command that continues the work
 */
public record WriteResult<R extends Message>(
    R response,
    List<Modify> modifies,
    WriteBatchData.Flags flags,
    List<ReleasedLock> released,
    List<AcquiredLock> acquired,
    List<ConcurrencyView.Guard> guards,
    List<TxnOutcome> statuses,
    @Nullable LockWait lockWait,
    @Nullable Command<R> next) {

  /**
   * A lock that went away.
   *
   * @param encodedKey its key
   * @param startTs its owner
   * @param commitTs 0 when it was rolled back
   * @param pessimistic whether it was a pessimistic lock, which may be in memory only
   */
  public record ReleasedLock(byte[] encodedKey, long startTs, long commitTs, boolean pessimistic) {}

  /** A new or refreshed pessimistic lock. */
  public record AcquiredLock(byte[] encodedKey, Lock lock) {}

  /**
   * The outcome of a transaction.
   *
   * @param commitTs 0 when it is rolled back
   */
  public record TxnOutcome(long startTs, long commitTs) {}

  /**
   * A lock to wait for.
   *
   * @param encodedKey the contended key
   * @param lock as the client sees it, should the wait time out
   * @param mayWait false when the request is to be refused at once, whatever its timeout says
   */
  public record LockWait(byte[] encodedKey, LockInfo lock, boolean mayWait) {}

  public static <R extends Message> Builder<R> builder() {
    return new Builder<>();
  }

  /** A result that changes nothing. */
  public static <R extends Message> WriteResult<R> of(R response) {
    return WriteResult.<R>builder().build(response);
  }

  /** Collects a result. Owned by one command while it is processed. */
  public static final class Builder<R extends Message> {
    private List<Modify> modifies = List.of();
    private WriteBatchData.Flags flags = WriteBatchData.Flags.NONE;
    private List<ReleasedLock> released = List.of();
    private final List<AcquiredLock> acquired = new ArrayList<>();
    private List<ConcurrencyView.Guard> guards = List.of();
    private final List<TxnOutcome> statuses = new ArrayList<>();
    private @Nullable LockWait lockWait;
    private @Nullable Command<R> next;

    private Builder() {}

    /** Plain changes without locks, as those of raw keys. */
    public Builder<R> modifies(List<Modify> plain) {
      modifies = plain;
      return this;
    }

    /** Takes over the changes, the locks they end and the handles they hold. */
    public Builder<R> changes(TxnChanges changes) {
      modifies = changes.modifies();
      released = changes.released();
      guards = changes.guards();
      return this;
    }

    public Builder<R> flags(WriteBatchData.Flags properties) {
      flags = properties;
      return this;
    }

    public Builder<R> acquired(byte[] encodedKey, Lock lock) {
      acquired.add(new AcquiredLock(encodedKey, lock));
      return this;
    }

    public Builder<R> status(long startTs, long commitTs) {
      statuses.add(new TxnOutcome(startTs, commitTs));
      return this;
    }

    public Builder<R> lockWait(LockWait lock) {
      lockWait = lock;
      return this;
    }

    public Builder<R> next(Command<R> command) {
      next = command;
      return this;
    }

    public WriteResult<R> build(R response) {
      return new WriteResult<>(
          response, modifies, flags, released, acquired, guards, statuses, lockWait, next);
    }
  }
}
