package io.rutile.engine.raftlog;

import io.rutile.engine.api.EngineException;
import io.rutile.engine.api.RaftLogBatch;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * A batch in the form in which it is written: a frame header, then the changes. Entries are copied
 * once, when they are added; sealing fills in the header.
 *
 * <p>Frame, big-endian: payload length (4), CRC32C of all that follows it (4), sequence (8),
 * segment id (8), sequence known durable when this was sealed (8), payload, zeros to a multiple of
 * eight. The segment id within the checksum tells a frame from what an earlier life of a recycled
 * file left behind. Changes are described in {@link LogChange}. Owned by one thread.
 */
public final class LogBatch implements RaftLogBatch {
  static final int FRAME_HEADER_BYTES = 32;
  static final int CRC_OFFSET = 4;
  static final int SEQUENCE_OFFSET = 8;
  static final int SEGMENT_OFFSET = 16;
  static final int DURABLE_OFFSET = 24;
  static final int ALIGNMENT = 8;

  static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private static final int INITIAL_BYTES = 4 << 10;
  private static final int RETAINED_BYTES = 4 << 20;
  private static final int MAX_BYTES = 1 << 30;

  private final CRC32C crc = new CRC32C();
  private byte[] buffer = new byte[INITIAL_BYTES];
  private int size = FRAME_HEADER_BYTES;

  @Override
  public void append(long groupId, long firstIndex, List<byte[]> entries) {
    if (entries.isEmpty()) {
      return;
    }
    begin(LogChange.APPEND, groupId, 12);
    writeLong(firstIndex);
    writeEntries(groupId, firstIndex, entries);
  }

  @Override
  public void putState(long groupId, byte[] state) {
    begin(LogChange.STATE, groupId, 4L + state.length);
    writeInt(state.length);
    writeBytes(state);
  }

  @Override
  public void compact(long groupId, long firstKeptIndex) {
    begin(LogChange.COMPACT, groupId, 8);
    writeLong(firstKeptIndex);
  }

  @Override
  public void reset(long groupId, long firstIndex) {
    begin(LogChange.RESET, groupId, 8);
    writeLong(firstIndex);
  }

  @Override
  public void remove(long groupId) {
    begin(LogChange.REMOVE, groupId, 0);
  }

  /** Says again, in a newer segment, what the group's range is, and holds these of its entries. */
  void rewrite(long groupId, LogRange range, long firstIndex, List<byte[]> entries) {
    begin(LogChange.REWRITE, groupId, 28);
    writeLong(range.first());
    writeLong(range.last());
    writeLong(firstIndex);
    writeEntries(groupId, firstIndex, entries);
  }

  /** Says that segments below {@code firstSegmentId} hold nothing that is needed. */
  void trim(long firstSegmentId) {
    begin(LogChange.TRIM, firstSegmentId, 0);
  }

  @Override
  public boolean isEmpty() {
    return size == FRAME_HEADER_BYTES;
  }

  @Override
  public long sizeBytes() {
    return size - (long) FRAME_HEADER_BYTES;
  }

  @Override
  public void clear() {
    size = FRAME_HEADER_BYTES;
    if (buffer.length > RETAINED_BYTES) {
      buffer = new byte[INITIAL_BYTES];
    }
  }

  /** Calls the visitor for each change. */
  public void forEach(LogChange.Visitor visitor) {
    LogChange.forEach(buffer, FRAME_HEADER_BYTES, size, visitor);
  }

  /** Bytes of the whole frame in a file. */
  int frameBytes() {
    return frameBytes(size - FRAME_HEADER_BYTES);
  }

  static int frameBytes(int payloadBytes) {
    return (FRAME_HEADER_BYTES + payloadBytes + ALIGNMENT - 1) & -ALIGNMENT;
  }

  /**
   * Fills in the frame header and padding and returns the frame's bytes, the first {@link
   * #frameBytes}.
   */
  byte[] seal(long sequence, long segmentId, long durableSequence) {
    int frameBytes = frameBytes();
    reserve(ALIGNMENT);
    Arrays.fill(buffer, size, frameBytes, (byte) 0);
    INT.set(buffer, 0, size - FRAME_HEADER_BYTES);
    LONG.set(buffer, SEQUENCE_OFFSET, sequence);
    LONG.set(buffer, SEGMENT_OFFSET, segmentId);
    LONG.set(buffer, DURABLE_OFFSET, durableSequence);
    crc.reset();
    crc.update(buffer, SEQUENCE_OFFSET, size - SEQUENCE_OFFSET);
    INT.set(buffer, CRC_OFFSET, (int) crc.getValue());
    return buffer;
  }

  /**
   * The checksum stored beside an entry: of its bytes, mixed with whose entry it is, so that an
   * intact entry found in another's place is refused.
   */
  static int entryCrc(CRC32C crc, long groupId, long index, byte[] bytes, int offset, int length) {
    crc.reset();
    crc.update(bytes, offset, length);
    long owner = groupId * 0x9E3779B97F4A7C15L + index * 0xC2B2AE3D27D4EB4FL;
    return (int) crc.getValue() ^ (int) (owner >>> 32) ^ (int) owner;
  }

  private void begin(byte tag, long groupId, long payloadBytes) {
    reserve(payloadBytes + 9);
    buffer[size++] = tag;
    writeLong(groupId);
  }

  private void writeEntries(long groupId, long firstIndex, List<byte[]> entries) {
    writeInt(entries.size());
    long index = firstIndex;
    for (byte[] entry : entries) {
      reserve(8L + entry.length);
      writeInt(entry.length);
      writeInt(entryCrc(crc, groupId, index++, entry, 0, entry.length));
      writeBytes(entry);
    }
  }

  private void writeInt(int value) {
    INT.set(buffer, size, value);
    size += 4;
  }

  private void writeLong(long value) {
    LONG.set(buffer, size, value);
    size += 8;
  }

  private void writeBytes(byte[] bytes) {
    System.arraycopy(bytes, 0, buffer, size, bytes.length);
    size += bytes.length;
  }

  private void reserve(long more) {
    long needed = size + more;
    if (needed > buffer.length) {
      if (needed > MAX_BYTES) {
        throw new EngineException(
            EngineException.Kind.INVALID_ARGUMENT,
            "a raft log batch cannot hold more than 1 GiB, it has " + size + " bytes");
      }
      buffer =
          Arrays.copyOf(buffer, (int) Math.min(MAX_BYTES, Math.max(needed, 2L * buffer.length)));
    }
  }
}
