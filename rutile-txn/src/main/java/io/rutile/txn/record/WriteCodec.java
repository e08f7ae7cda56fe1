package io.rutile.txn.record;

import io.rutile.base.codec.ByteReader;
import io.rutile.base.codec.ByteWriter;
import io.rutile.base.error.CorruptionException;
import io.rutile.base.error.ErrorCodes;

/**
 * Bytes of the write family: type, start_ts, and then optional fields, each behind a one-byte mark,
 * in one fixed order; a decoder stops at the first mark that it does not know.
 */
public final class WriteCodec {
  private static final byte OVERLAPPED_ROLLBACK = 'R';
  private static final byte GC_FENCE = 'F';
  private static final byte TXN_SOURCE = 'S';

  private WriteCodec() {}

  static byte[] encode(Write write) {
    byte[] value = write.shortValue();
    ByteWriter out = new ByteWriter(48 + (value == null ? 0 : value.length));
    out.writeByte(write.type().code());
    out.writeVarint(write.startTs());
    if (value != null) {
      LockCodec.writeShortValue(value, out);
    }
    if (write.hasOverlappedRollback()) {
      out.writeByte(OVERLAPPED_ROLLBACK);
    }
    Long fence = write.gcFence();
    if (fence != null) {
      out.writeByte(GC_FENCE);
      out.writeLong(fence);
    }
    LockCodec.writeLastChange(write.lastChange(), out);
    if (write.txnSource() != 0) {
      out.writeByte(TXN_SOURCE);
      out.writeVarint(write.txnSource());
    }
    return out.toByteArray();
  }

  /**
   * Reads a record of the write family.
   *
   * @throws io.rutile.base.error.CorruptionException when it is not one
   */
  public static Write decode(byte[] bytes) {
    return new WriteRef().parse(bytes).toWrite();
  }

  static void parse(byte[] bytes, WriteRef into) {
    ByteReader in = new ByteReader(bytes);
    WriteType type = WriteType.ofCode(in.readByte());
    if (type == null) {
      throw new CorruptionException(
          ErrorCodes.STORAGE_BAD_FORMAT_WRITE, "unknown write type " + bytes[0]);
    }
    into.reset();
    into.type = type;
    into.startTs = in.readVarint();
    boolean known = true;
    while (known && in.hasRemaining()) {
      known = parseField(in.readByte(), in, into);
    }
  }

  private static boolean parseField(byte mark, ByteReader in, WriteRef into) {
    switch (mark) {
      case LockCodec.SHORT_VALUE -> {
        into.shortValueLength = in.readUnsignedByte();
        into.shortValueOffset = in.position();
        in.skip(into.shortValueLength);
      }
      case OVERLAPPED_ROLLBACK -> into.hasOverlappedRollback = true;
      case GC_FENCE -> {
        into.hasGcFence = true;
        into.gcFence = in.readLong();
      }
      case LockCodec.LAST_CHANGE -> {
        into.lastChangeTs = in.readLong();
        into.lastChangeVersions = in.readVarint();
      }
      case TXN_SOURCE -> into.txnSource = in.readVarint();
      default -> {
        return false;
      }
    }
    return true;
  }
}
