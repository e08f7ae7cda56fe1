package io.rutile.txn.record;

import io.rutile.base.bytes.Bytes;
import io.rutile.base.codec.TimeStamp;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A write record parsed in place: readers look at type, timestamps and short value of many records
 * and keep few, so nothing is copied until it is asked for. One instance serves any number of
 * records, one after the other; owned by one thread.
 */
public final class WriteRef {
  private byte[] bytes = Bytes.EMPTY;
  WriteType type = WriteType.ROLLBACK;
  long startTs;
  int shortValueOffset;
  int shortValueLength;
  boolean hasOverlappedRollback;
  boolean hasGcFence;
  long gcFence;
  long lastChangeTs;
  long lastChangeVersions;
  long txnSource;

  /**
   * Parses {@code encoded}, which must not change while this refers to it.
   *
   * @throws io.rutile.base.error.CorruptionException when it is not a write record
   */
  public WriteRef parse(byte[] encoded) {
    bytes = encoded;
    WriteCodec.parse(encoded, this);
    return this;
  }

  void reset() {
    shortValueLength = -1;
    hasOverlappedRollback = false;
    hasGcFence = false;
    gcFence = 0;
    lastChangeTs = 0;
    lastChangeVersions = 0;
    txnSource = 0;
  }

  public WriteType type() {
    return type;
  }

  public long startTs() {
    return startTs;
  }

  public boolean hasShortValue() {
    return shortValueLength >= 0;
  }

  public int shortValueLength() {
    return shortValueLength;
  }

  /** A copy of the short value, null when the value stands in the default family. */
  public byte @Nullable [] shortValue() {
    return shortValueLength < 0
        ? null
        : Arrays.copyOfRange(bytes, shortValueOffset, shortValueOffset + shortValueLength);
  }

  public boolean hasOverlappedRollback() {
    return hasOverlappedRollback;
  }

  /**
   * Whether a reader at {@code readTs} that finds this Put or Delete as the newest may use it. It
   * may not when a newer version, since collected, was known to lie at or below {@code readTs}.
   */
  public boolean isUsableAt(long readTs) {
    return !hasGcFence || gcFence == 0 || Long.compareUnsigned(gcFence, readTs) > 0;
  }

  /** Whether this Put or Delete is known not to be the newest one. */
  public boolean isFenced() {
    return !isUsableAt(TimeStamp.MAX);
  }

  /** First part of the last-change hint, see {@link LastChange}. */
  public long lastChangeTs() {
    return lastChangeTs;
  }

  /** Second part of the last-change hint, see {@link LastChange}. */
  public long lastChangeVersions() {
    return lastChangeVersions;
  }

  public LastChange lastChange() {
    return LastChange.ofParts(lastChangeTs, lastChangeVersions);
  }

  /** Whether this is a rollback record that must not be collapsed. */
  public boolean isProtectedRollback() {
    return type == WriteType.ROLLBACK && shortValueLength == 1 && bytes[shortValueOffset] == 'p';
  }

  /** The record on its own. */
  public Write toWrite() {
    return new Write(
        type,
        startTs,
        shortValue(),
        hasOverlappedRollback,
        hasGcFence ? (Long) gcFence : null,
        lastChange(),
        txnSource);
  }
}
