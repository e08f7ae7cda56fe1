package io.rutile.txn.record;

import io.rutile.base.codec.ByteReader;
import io.rutile.base.codec.ByteWriter;
import io.rutile.base.error.CorruptionException;
import io.rutile.base.error.ErrorCodes;
import java.util.ArrayList;
import java.util.List;

/**
 * Bytes of the lock family. A record is type, primary, start_ts, ttl, and then optional fields,
 * each behind a one-byte mark, in one fixed order; a decoder stops at the first mark that it does
 * not know, so that older programs can read records of newer ones.
 */
public final class LockCodec {
  static final byte SHORT_VALUE = 'v';
  private static final byte FOR_UPDATE_TS = 'f';
  private static final byte TXN_SIZE = 't';
  private static final byte MIN_COMMIT_TS = 'c';
  private static final byte ASYNC_COMMIT = 'a';
  private static final byte ROLLBACK_TS = 'r';
  static final byte LAST_CHANGE = 'l';
  private static final byte TXN_SOURCE = 's';
  private static final byte LOCKED_WITH_CONFLICT = 'F';
  private static final byte GENERATION = 'g';
  private static final byte SHARED_CONTAINER = 'H';
  private static final byte SHARED_FLAGS = 'i';
  private static final byte SHARED_MEMBERS = 'h';
  private static final int SHRINK_ONLY = 1;

  private LockCodec() {}

  static byte[] encode(Lock lock) {
    ByteWriter out =
        new ByteWriter(
            64
                + lock.primary().length
                + (lock.shortValue() == null ? 0 : lock.shortValue().length));
    out.writeByte(lock.type().code());
    out.writeCompactBytes(lock.primary());
    out.writeVarint(lock.startTs());
    out.writeVarint(lock.ttl());
    if (lock.shortValue() != null) {
      writeShortValue(lock.shortValue(), out);
    }
    writeU64(FOR_UPDATE_TS, lock.forUpdateTs(), out);
    writeU64(TXN_SIZE, lock.txnSize(), out);
    writeU64(MIN_COMMIT_TS, lock.minCommitTs(), out);
    writeLists(lock, out);
    writeLastChange(lock.lastChange(), out);
    if (lock.txnSource() != 0) {
      out.writeByte(TXN_SOURCE);
      out.writeVarint(lock.txnSource());
    }
    if (lock.lockedWithConflict()) {
      out.writeByte(LOCKED_WITH_CONFLICT);
    }
    writeU64(GENERATION, lock.generation(), out);
    return out.toByteArray();
  }

  private static void writeLists(Lock lock, ByteWriter out) {
    if (lock.useAsyncCommit()) {
      out.writeByte(ASYNC_COMMIT);
      out.writeVarint(lock.secondaries().size());
      for (byte[] secondary : lock.secondaries()) {
        out.writeCompactBytes(secondary);
      }
    }
    if (lock.rollbackTs().length > 0) {
      out.writeByte(ROLLBACK_TS);
      out.writeVarint(lock.rollbackTs().length);
      for (long timestamp : lock.rollbackTs()) {
        out.writeLong(timestamp);
      }
    }
  }

  static void writeShortValue(byte[] value, ByteWriter out) {
    if (value.length > Lock.SHORT_VALUE_MAX) {
      throw new IllegalArgumentException("a value of " + value.length + " bytes is not short");
    }
    out.writeByte(SHORT_VALUE);
    out.writeByte((byte) value.length);
    out.write(value);
  }

  static void writeLastChange(LastChange change, ByteWriter out) {
    if (change.versionsPart() != 0) {
      out.writeByte(LAST_CHANGE);
      out.writeLong(change.timestampPart());
      out.writeVarint(change.versionsPart());
    }
  }

  private static void writeU64(byte mark, long value, ByteWriter out) {
    if (value != 0) {
      out.writeByte(mark);
      out.writeLong(value);
    }
  }

  static byte[] encode(SharedLocks shared) {
    ByteWriter out = new ByteWriter(16 + 96 * shared.members().size());
    out.writeByte(SHARED_CONTAINER);
    if (shared.shrinkOnly()) {
      out.writeByte(SHARED_FLAGS);
      out.writeByte((byte) SHRINK_ONLY);
    }
    out.writeByte(SHARED_MEMBERS);
    out.writeVarint(shared.members().size());
    for (Lock member : shared.members()) {
      out.writeCompactBytes(encode(member));
    }
    return out.toByteArray();
  }

  /**
   * Reads a record of the lock family.
   *
   * @throws CorruptionException when it is not one
   */
  public static LockRecord decode(byte[] bytes) {
    ByteReader in = new ByteReader(bytes);
    byte code = in.readByte();
    return code == SHARED_CONTAINER ? decodeShared(in) : decodeLock(code, in);
  }

  private static SharedLocks decodeShared(ByteReader in) {
    boolean shrinkOnly = false;
    byte mark = in.readByte();
    if (mark == SHARED_FLAGS) {
      shrinkOnly = (in.readByte() & SHRINK_ONLY) != 0;
      mark = in.readByte();
    }
    if (mark != SHARED_MEMBERS) {
      throw corrupt("shared lock record without members");
    }
    int count = readCount(in, 1);
    List<Lock> members = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      ByteReader member = new ByteReader(in.readCompactBytes());
      Lock lock = decodeLock(member.readByte(), member);
      if (lock.type() != LockType.LOCK && lock.type() != LockType.PESSIMISTIC) {
        throw corrupt("shared lock member of type " + lock.type());
      }
      members.add(lock);
    }
    return new SharedLocks(shrinkOnly, members);
  }

  private static Lock decodeLock(byte code, ByteReader in) {
    LockType type = LockType.ofCode(code);
    if (type == null) {
      throw corrupt("unknown lock type " + code);
    }
    byte[] primary = in.readCompactBytes();
    Lock.Builder lock = Lock.builder(type, primary, in.readVarint());
    if (in.hasRemaining()) {
      lock.ttl(in.readVarint());
    }
    boolean known = true;
    while (known && in.hasRemaining()) {
      known = decodeField(in.readByte(), in, lock);
    }
    return lock.build();
  }

  private static boolean decodeField(byte mark, ByteReader in, Lock.Builder lock) {
    switch (mark) {
      case SHORT_VALUE -> lock.shortValue(in.readBytes(in.readUnsignedByte()));
      case FOR_UPDATE_TS -> lock.forUpdateTs(in.readLong());
      case TXN_SIZE -> lock.txnSize(in.readLong());
      case MIN_COMMIT_TS -> lock.minCommitTs(in.readLong());
      case ASYNC_COMMIT -> lock.asyncCommit(readSecondaries(in));
      case ROLLBACK_TS -> lock.rollbackTs(readTimestamps(in));
      case LAST_CHANGE -> lock.lastChange(readLastChange(in));
      case TXN_SOURCE -> lock.txnSource(in.readVarint());
      case LOCKED_WITH_CONFLICT -> lock.lockedWithConflict(true);
      case GENERATION -> lock.generation(in.readLong());
      default -> {
        return false;
      }
    }
    return true;
  }

  private static List<byte[]> readSecondaries(ByteReader in) {
    int count = readCount(in, 1);
    List<byte[]> secondaries = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      secondaries.add(in.readCompactBytes());
    }
    return secondaries;
  }

  private static long[] readTimestamps(ByteReader in) {
    long[] timestamps = new long[readCount(in, Long.BYTES)];
    for (int i = 0; i < timestamps.length; i++) {
      timestamps[i] = in.readLong();
    }
    return timestamps;
  }

  private static LastChange readLastChange(ByteReader in) {
    long timestamp = in.readLong();
    return LastChange.ofParts(timestamp, in.readVarint());
  }

  /** A count of elements that take at least {@code elementBytes} each: never trust it further. */
  private static int readCount(ByteReader in, int elementBytes) {
    long count = in.readVarint();
    if (Long.compareUnsigned(count, in.remaining() / elementBytes) > 0) {
      throw corrupt("list of " + Long.toUnsignedString(count) + " elements is cut off");
    }
    return (int) count;
  }

  private static CorruptionException corrupt(String text) {
    return new CorruptionException(ErrorCodes.STORAGE_BAD_FORMAT_LOCK, text);
  }
}
