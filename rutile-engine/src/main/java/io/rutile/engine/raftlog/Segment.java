package io.rutile.engine.raftlog;

import io.rutile.base.error.CorruptionException;
import io.rutile.engine.api.EngineException;
import io.rutile.engine.handle.UseGate;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/**
 * One file of the log: a header of {@value #HEADER_BYTES} bytes, then frames.
 *
 * <p>Header, big-endian: magic (8), format version (4), CRC32C of the rest (4), segment id (8),
 * sequence of its first frame (8), lowest segment id that was needed when it was begun (8). It is
 * durable before the file gets the name of a segment.
 *
 * <p>A fresh file grows by {@value #GROWTH_BYTES} zero bytes at a time, so that most syncs find the
 * blocks and the size in place and need no journal commit of the file system; a recycled file has
 * them from its earlier life.
 *
 * <p>The writer appends; any thread reads between {@code gate.tryEnter} and {@code exit}, so that a
 * file is not recycled under a reader.
 */
final class Segment {
  static final int HEADER_BYTES = 64;
  static final int FORMAT_VERSION = 1;

  private static final long MAGIC = 0x527574696C654C67L;
  private static final int GROWTH_BYTES = 1 << 20;
  private static final int STAGING_BYTES = 256 << 10;
  private static final int GATE_STRIPES = 4;
  private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(64 << 10).asReadOnlyBuffer();

  final long id;
  final Path path;
  final long firstSequence;
  final long lowestNeeded;
  final UseGate gate;

  private final SegmentFile file;
  private final long targetBytes;
  private long position;
  private long allocated;
  private long liveBytes;

  Segment(Path path, SegmentFile file, Header header, long targetBytes) throws IOException {
    this.id = header.id;
    this.path = path;
    this.file = file;
    this.firstSequence = header.firstSequence;
    this.lowestNeeded = header.lowestNeeded;
    this.gate = new UseGate(path.toString(), GATE_STRIPES);
    this.targetBytes = targetBytes;
    this.position = HEADER_BYTES;
    this.allocated = file.size();
  }

  /** What a segment says of itself. */
  record Header(long id, long firstSequence, long lowestNeeded) {
    ByteBuffer encode() {
      byte[] bytes = new byte[HEADER_BYTES];
      ByteBuffer out = ByteBuffer.wrap(bytes);
      out.putLong(MAGIC).putInt(FORMAT_VERSION).putInt(0);
      out.putLong(id).putLong(firstSequence).putLong(lowestNeeded);
      out.putInt(12, crc(bytes));
      return out.clear();
    }

    static Header decode(Path path, byte[] bytes) {
      ByteBuffer in = ByteBuffer.wrap(bytes);
      if (in.getLong() != MAGIC) {
        throw corrupt(path, 0, "not a raft log segment");
      }
      int version = in.getInt();
      if (in.getInt() != crc(bytes)) {
        throw corrupt(path, 0, "the header's checksum is wrong");
      }
      if (version != FORMAT_VERSION) {
        throw new EngineException(
            EngineException.Kind.INVALID_ARGUMENT,
            path + ": format version " + version + ", this program reads " + FORMAT_VERSION);
      }
      return new Header(in.getLong(), in.getLong(), in.getLong());
    }

    private static int crc(byte[] bytes) {
      CRC32C crc = new CRC32C();
      crc.update(bytes, 0, 12);
      crc.update(bytes, 16, HEADER_BYTES - 16);
      return (int) crc.getValue();
    }
  }

  static CorruptionException corrupt(Path path, long offset, String what) {
    return new CorruptionException(
        SegmentRaftLog.CORRUPTION_CODE, path + " at offset " + offset + ": " + what);
  }

  /** Direct memory through which frames reach the file; one for each log. */
  static ByteBuffer newStaging() {
    return ByteBuffer.allocateDirect(STAGING_BYTES);
  }

  SegmentFile file() {
    return file;
  }

  /** Where the next frame goes. */
  long position() {
    return position;
  }

  /** The end of what a replay found. */
  void resumeAt(long end) {
    position = end;
  }

  boolean hasRoomFor(int frameBytes) {
    return position == HEADER_BYTES || position + frameBytes <= targetBytes;
  }

  long liveBytes() {
    return liveBytes;
  }

  void addLive(long delta) {
    liveBytes += delta;
  }

  /** Writes a frame and moves on; when it throws, the segment is as before. */
  void append(byte[] frame, int length, ByteBuffer staging) throws IOException {
    int done = 0;
    while (done < length) {
      int part = Math.min(length - done, staging.capacity());
      staging.clear().put(frame, done, part).flip();
      file.write(staging, position + done);
      done += part;
    }
    long end = position + length;
    if (end > allocated) {
      long grown = Math.min((end + GROWTH_BYTES) & -GROWTH_BYTES, Math.max(targetBytes, end));
      zero(end, grown);
      allocated = grown;
    }
    position = end;
  }

  /** Overwrites [from, to) with zeros. */
  void zero(long from, long to) throws IOException {
    for (long at = from; at < to; ) {
      ByteBuffer zeros = ZEROS.duplicate();
      zeros.limit((int) Math.min(zeros.capacity(), to - at));
      int part = zeros.remaining();
      file.write(zeros, at);
      at += part;
    }
  }

  void force() throws IOException {
    file.force();
  }

  /** Waits for readers and closes the file. */
  void close() throws IOException {
    if (gate.close()) {
      file.close();
    }
  }
}
