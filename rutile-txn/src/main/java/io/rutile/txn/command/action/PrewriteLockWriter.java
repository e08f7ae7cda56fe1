package io.rutile.txn.command.action;

import io.rutile.txn.command.ConcurrencyView;
import io.rutile.txn.command.action.PrewriteAction.LockStatus;
import io.rutile.txn.record.LastChange;
import io.rutile.txn.record.Lock;
import io.rutile.txn.record.LockType;
import io.rutile.txn.record.Write;
import io.rutile.txn.record.WriteType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Lays the locks of one prewrite request in the way that its commit kind needs, and falls back to
 * the plain two phases where that kind is not possible. Owned by the thread that processes the
 * command.
 *
 * <p>For async and one-phase commits a lock is published in memory in one step with reading max_ts,
 * and gets a min_commit_ts above it: no read that came before is overtaken, and none that comes
 * later misses the lock.
 */
public final class PrewriteLockWriter {
  /** How the transaction is to be committed. */
  public enum CommitKind {
    TWO_PHASES,
    /** Committed once all locks are written. */
    ASYNC,
    /** Committed by this very request. */
    ONE_PHASE
  }

  private record OnePhaseLock(byte[] encodedKey, Lock lock, @Nullable Lock replaced) {}

  private final PrewriteTxn txn;
  private final TxnChanges changes;
  private final ConcurrencyView concurrency;
  private final List<OnePhaseLock> onePhaseLocks = new ArrayList<>();
  private CommitKind kind;

  public PrewriteLockWriter(
      PrewriteTxn txn, TxnChanges changes, ConcurrencyView concurrency, CommitKind kind) {
    this.txn = txn;
    this.changes = changes;
    this.concurrency = concurrency;
    this.kind = kind;
  }

  /** The kind asked for, or TWO_PHASES after a fall-back. */
  public CommitKind kind() {
    return kind;
  }

  /** Whether a lock needs a min_commit_ts that is above all reads so far. */
  boolean needsMinCommitTs() {
    return kind != CommitKind.TWO_PHASES;
  }

  /** Writes the lock; 0 says that its min_commit_ts would lie above what the client allows. */
  long write(
      PrewriteMutation mutation, LockType lockType, LockStatus status, LastChange lastChange) {
    Lock.Builder lock = newLock(mutation, lockType, status, lastChange);
    if (kind == CommitKind.ASYNC) {
      boolean isPrimary = Arrays.equals(mutation.rawKey(), txn.primary());
      lock.asyncCommit(isPrimary ? txn.secondaries() : List.of());
    }
    Lock published = needsMinCommitTs() ? publish(mutation, lock) : null;
    if (needsMinCommitTs() && published == null) {
      lock.noAsyncCommit().useOnePc(false);
      put(mutation, lock.build(), status);
      return 0;
    }
    if (published == null) {
      put(mutation, lock.build(), status);
      return 0;
    }
    if (kind == CommitKind.ONE_PHASE) {
      Lock replaced = status instanceof LockStatus.Pessimistic held ? held.lock() : null;
      onePhaseLocks.add(new OnePhaseLock(mutation.encodedKey(), published, replaced));
    } else {
      put(mutation, published, status);
    }
    return published.minCommitTs();
  }

  private Lock.Builder newLock(
      PrewriteMutation mutation, LockType lockType, LockStatus status, LastChange lastChange) {
    long ttl = txn.ttl();
    long minCommitTs = txn.minCommitTs();
    long forUpdateTs = txn.forUpdateTs();
    if (status instanceof LockStatus.Pessimistic(Lock held, var _)) {
      ttl = unsignedMax(ttl, held.ttl());
      minCommitTs = unsignedMax(minCommitTs, held.minCommitTs());
      forUpdateTs = unsignedMax(forUpdateTs, held.forUpdateTs());
    }
    Lock.Builder lock =
        Lock.builder(lockType, txn.primary(), txn.startTs())
            .ttl(ttl)
            .forUpdateTs(forUpdateTs)
            .txnSize(txn.txnSize())
            .minCommitTs(minCommitTs)
            .txnSource(txn.txnSource())
            .generation(txn.generation());
    if (lockType == LockType.LOCK) {
      lock.lastChange(lastChange);
    }
    if (lockType == LockType.PUT) {
      if (mutation.value().length <= Lock.SHORT_VALUE_MAX) {
        lock.shortValue(mutation.value());
      } else {
        changes.putValue(mutation.encodedKey(), txn.startTs(), mutation.value());
        return lock;
      }
    }
    if (status instanceof LockStatus.Flushed(Lock old)
        && old.type() == LockType.PUT
        && old.shortValue() == null) {
      changes.deleteValue(mutation.encodedKey(), txn.startTs());
    }
    return lock;
  }

  /** The lock as readers see it from now on, or null when max_ts has run too far ahead. */
  private @Nullable Lock publish(PrewriteMutation mutation, Lock.Builder lock) {
    lock.useOnePc(kind == CommitKind.ONE_PHASE);
    Lock asked = lock.build();
    ConcurrencyView.Guard guard = concurrency.lockKey(mutation.encodedKey());
    LongFunction<@Nullable Lock> maker =
        maxTs -> {
          long floor = unsignedMax(unsignedMax(maxTs, txn.startTs()), txn.forUpdateTs()) + 1;
          long minCommitTs = unsignedMax(asked.minCommitTs(), floor);
          boolean tooLarge =
              txn.maxCommitTs() != 0 && Long.compareUnsigned(minCommitTs, txn.maxCommitTs()) > 0;
          return tooLarge ? null : asked.toBuilder().minCommitTs(minCommitTs).build();
        };
    Lock published = guard.publish(maker);
    changes.addGuard(guard);
    return published;
  }

  private void put(PrewriteMutation mutation, Lock lock, LockStatus status) {
    if (status instanceof LockStatus.Pessimistic(var _, var container) && container != null) {
      changes.putLock(mutation.encodedKey(), container.with(lock));
    } else if (mutation.shared()) {
      throw new IllegalStateException("a shared lock is prewritten over a pessimistic one only");
    } else {
      changes.putLock(mutation.encodedKey(), lock);
    }
  }

  /** Makes this request one of a plain two-phase commit, its earlier one-phase locks included. */
  public void fallBack() {
    kind = CommitKind.TWO_PHASES;
    changes.dropGuards();
    for (OnePhaseLock pending : onePhaseLocks) {
      changes.putLock(pending.encodedKey(), pending.lock().toBuilder().useOnePc(false).build());
    }
    onePhaseLocks.clear();
  }

  /** Commits what was collected for a one-phase commit. */
  public void commitOnePhase(long commitTs) {
    for (OnePhaseLock pending : onePhaseLocks) {
      WriteType type = pending.lock().type().writeType();
      if (type == null) {
        throw new IllegalStateException("a prewritten lock has a write type");
      }
      Write write = CommitAction.write(pending.lock(), type, commitTs);
      changes.putWrite(pending.encodedKey(), commitTs, write);
      Lock replaced = pending.replaced();
      if (replaced != null) {
        changes.unlock(pending.encodedKey(), replaced, replaced, commitTs);
      }
    }
    onePhaseLocks.clear();
  }

  /** Forgets the locks that were collected. */
  void clear() {
    onePhaseLocks.clear();
  }

  static long unsignedMax(long a, long b) {
    return Long.compareUnsigned(a, b) >= 0 ? a : b;
  }
}
