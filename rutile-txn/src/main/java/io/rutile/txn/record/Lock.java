package io.rutile.txn.record;

import io.rutile.base.bytes.Bytes;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One transaction's lock on one key, as it stands in the lock family or in memory.
 *
 * @param type what it becomes at commit
 * @param primary raw (not encoded) primary key of the transaction
 * @param startTs the transaction's start_ts, its identity
 * @param ttl milliseconds of life counted from the physical part of {@code startTs}
 * @param shortValue the value of a Put of at most {@link #SHORT_VALUE_MAX} bytes, which then has no
 *     row in the default family
 * @param forUpdateTs non-zero when the transaction is pessimistic
 * @param txnSize the client's estimate of the transaction's keys, 0 for unknown
 * @param minCommitTs lower bound of the commit_ts, 0 for none
 * @param useAsyncCommit whether the transaction is committed as soon as all its locks are written
 * @param secondaries raw keys of the other locks, on the primary of an async commit only
 * @param rollbackTs start_ts of transactions whose protected rollback this lock must carry to its
 *     commit record
 * @param lastChange where the newest value is, for types that do not change it
 * @param txnSource origin mark for change feeds, 0 for none
 * @param lockedWithConflict the pessimistic lock was taken above a newer version
 * @param generation flush number of a pipelined transaction, 0 for others
 * @param useOnePc memory only: the lock belongs to a one-phase commit under way
 */
public record Lock(
    LockType type,
    byte[] primary,
    long startTs,
    long ttl,
    byte @Nullable [] shortValue,
    long forUpdateTs,
    long txnSize,
    long minCommitTs,
    boolean useAsyncCommit,
    List<byte[]> secondaries,
    long[] rollbackTs,
    LastChange lastChange,
    long txnSource,
    boolean lockedWithConflict,
    long generation,
    boolean useOnePc)
    implements LockRecord {

  /** Values up to this many bytes live in the lock and write records themselves. */
  public static final int SHORT_VALUE_MAX = 255;

  private static final long[] NO_TS = {};

  public static Builder builder(LockType type, byte[] primary, long startTs) {
    return new Builder(type, primary, startTs);
  }

  public Builder toBuilder() {
    Builder builder = new Builder(type, primary, startTs);
    builder.ttl = ttl;
    builder.shortValue = shortValue;
    builder.forUpdateTs = forUpdateTs;
    builder.txnSize = txnSize;
    builder.minCommitTs = minCommitTs;
    builder.useAsyncCommit = useAsyncCommit;
    builder.secondaries = secondaries;
    builder.rollbackTs = rollbackTs;
    builder.lastChange = lastChange;
    builder.txnSource = txnSource;
    builder.lockedWithConflict = lockedWithConflict;
    builder.generation = generation;
    builder.useOnePc = useOnePc;
    return builder;
  }

  public boolean isPessimistic() {
    return type == LockType.PESSIMISTIC;
  }

  /** Whether the transaction that holds this lock is a pessimistic one. */
  public boolean isOfPessimisticTxn() {
    return forUpdateTs != 0;
  }

  /** Whether {@code rawKey} is the primary of this lock's transaction. */
  public boolean isPrimary(byte[] rawKey) {
    return Arrays.equals(primary, rawKey);
  }

  @Override
  public byte[] encode() {
    return LockCodec.encode(this);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Lock that
        && Arrays.equals(encode(), that.encode())
        && useOnePc == that.useOnePc;
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(primary) * 31 + Long.hashCode(startTs);
  }

  @Override
  public String toString() {
    return "Lock{"
        + type
        + " primary="
        + Bytes.hex(primary)
        + " start_ts="
        + Long.toUnsignedString(startTs)
        + " ttl="
        + ttl
        + " for_update_ts="
        + Long.toUnsignedString(forUpdateTs)
        + " min_commit_ts="
        + Long.toUnsignedString(minCommitTs)
        + " async="
        + useAsyncCommit
        + "}";
  }

  /** Collects the fields of a lock. Owned by one caller. */
  public static final class Builder {
    private LockType type;
    private final byte[] primary;
    private final long startTs;
    private long ttl;
    private byte @Nullable [] shortValue;
    private long forUpdateTs;
    private long txnSize;
    private long minCommitTs;
    private boolean useAsyncCommit;
    private List<byte[]> secondaries = List.of();
    private long[] rollbackTs = NO_TS;
    private LastChange lastChange = LastChange.UNKNOWN;
    private long txnSource;
    private boolean lockedWithConflict;
    private long generation;
    private boolean useOnePc;

    private Builder(LockType type, byte[] primary, long startTs) {
      this.type = type;
      this.primary = primary;
      this.startTs = startTs;
    }

    public Builder type(LockType newType) {
      type = newType;
      return this;
    }

    public Builder ttl(long millis) {
      ttl = millis;
      return this;
    }

    public Builder shortValue(byte @Nullable [] value) {
      shortValue = value;
      return this;
    }

    public Builder forUpdateTs(long timestamp) {
      forUpdateTs = timestamp;
      return this;
    }

    public Builder txnSize(long size) {
      txnSize = size;
      return this;
    }

    public Builder minCommitTs(long timestamp) {
      minCommitTs = timestamp;
      return this;
    }

    /** Marks the lock as one of an async commit; only the primary names secondaries. */
    public Builder asyncCommit(List<byte[]> rawSecondaries) {
      useAsyncCommit = true;
      secondaries = rawSecondaries;
      return this;
    }

    /** Makes the lock one of a plain two-phase commit again. */
    public Builder noAsyncCommit() {
      useAsyncCommit = false;
      secondaries = List.of();
      return this;
    }

    public Builder rollbackTs(long[] timestamps) {
      rollbackTs = timestamps;
      return this;
    }

    public Builder lastChange(LastChange change) {
      lastChange = change;
      return this;
    }

    public Builder txnSource(long source) {
      txnSource = source;
      return this;
    }

    public Builder lockedWithConflict(boolean conflict) {
      lockedWithConflict = conflict;
      return this;
    }

    public Builder generation(long number) {
      generation = number;
      return this;
    }

    public Builder useOnePc(boolean onePc) {
      useOnePc = onePc;
      return this;
    }

    public Lock build() {
      return new Lock(
          type,
          primary,
          startTs,
          ttl,
          shortValue,
          forUpdateTs,
          txnSize,
          minCommitTs,
          useAsyncCommit,
          secondaries,
          rollbackTs,
          lastChange,
          txnSource,
          lockedWithConflict,
          generation,
          useOnePc);
    }
  }
}
