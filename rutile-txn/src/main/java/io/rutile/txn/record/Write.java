package io.rutile.txn.record;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a transaction did to a key, stored in the write family under (key, commit_ts), a rollback
 * under (key, start_ts).
 *
 * @param type what happened
 * @param startTs the transaction's start_ts, under which a long value stands in the default family
 * @param shortValue the value of a Put when it is short; {@code p} marks a protected rollback
 * @param hasOverlappedRollback another transaction whose start_ts is this record's timestamp was
 *     rolled back on this key
 * @param gcFence null for none; 0 when the record was rewritten while it was the newest value, else
 *     the commit_ts of the next newer one. A reader at or above a non-zero fence must not use it
 * @param lastChange where the newest value is, for types that do not change it
 * @param txnSource origin mark for change feeds, 0 for none
 */
public record Write(
    WriteType type,
    long startTs,
    byte @Nullable [] shortValue,
    boolean hasOverlappedRollback,
    @Nullable Long gcFence,
    LastChange lastChange,
    long txnSource) {

  private static final byte[] PROTECTED = {'p'};

  public Write(WriteType type, long startTs, byte @Nullable [] shortValue) {
    this(type, startTs, shortValue, false, null, LastChange.UNKNOWN, 0);
  }

  /** A rollback record; a protected one survives later rollbacks of other transactions. */
  public static Write rollback(long startTs, boolean isProtected) {
    return new Write(WriteType.ROLLBACK, startTs, isProtected ? PROTECTED : null);
  }

  /** Whether this is a rollback record that must not be collapsed. */
  public boolean isProtectedRollback() {
    return type == WriteType.ROLLBACK && Arrays.equals(shortValue, PROTECTED);
  }

  /** This record with a rollback at its timestamp noted on it. */
  public Write withOverlappedRollback(@Nullable Long fence) {
    return new Write(type, startTs, shortValue, true, fence, lastChange, txnSource);
  }

  public Write withLastChange(LastChange change) {
    return new Write(type, startTs, shortValue, hasOverlappedRollback, gcFence, change, txnSource);
  }

  public byte[] encode() {
    return WriteCodec.encode(this);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Write that && Arrays.equals(encode(), that.encode());
  }

  @Override
  public int hashCode() {
    return type.hashCode() * 31 + Long.hashCode(startTs);
  }
}
