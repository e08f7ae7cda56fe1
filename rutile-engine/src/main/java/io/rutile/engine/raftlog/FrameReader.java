package io.rutile.engine.raftlog;

import java.io.IOException;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads the frames of one segment in order through a window of {@value #WINDOW_BYTES} bytes. Owned
 * by one thread.
 */
final class FrameReader {
  private static final int WINDOW_BYTES = 1 << 20;

  /**
   * A valid frame.
   *
   * @param offset where it is in the file
   * @param bytes header, payload and padding
   * @param payloadEnd end of the payload in {@code bytes}
   */
  record Frame(long offset, byte[] bytes, int payloadEnd) {
    long sequence() {
      return (long) LogBatch.LONG.get(bytes, LogBatch.SEQUENCE_OFFSET);
    }

    long durableSequence() {
      return (long) LogBatch.LONG.get(bytes, LogBatch.DURABLE_OFFSET);
    }

    long end() {
      return offset + bytes.length;
    }
  }

  private final Segment segment;
  private final long fileBytes;
  private final CRC32C crc = new CRC32C();
  private byte[] window = new byte[0];
  private long windowStart;

  FrameReader(Segment segment) throws IOException {
    this.segment = segment;
    this.fileBytes = segment.file().size();
  }

  /** The frame of this segment that begins at {@code offset}; null when there is none intact. */
  @Nullable Frame at(long offset) throws IOException {
    if (offset + LogBatch.FRAME_HEADER_BYTES > fileBytes) {
      return null;
    }
    load(offset, LogBatch.FRAME_HEADER_BYTES);
    int header = (int) (offset - windowStart);
    if ((long) LogBatch.LONG.get(window, header + LogBatch.SEGMENT_OFFSET) != segment.id) {
      return null;
    }
    int payloadBytes = (int) LogBatch.INT.get(window, header);
    long longest = fileBytes - offset - LogBatch.FRAME_HEADER_BYTES;
    if (payloadBytes <= 0 || payloadBytes > longest) {
      return null;
    }
    int frameBytes = (int) Math.min(LogBatch.frameBytes(payloadBytes), fileBytes - offset);
    load(offset, frameBytes);
    header = (int) (offset - windowStart);
    int stored = (int) LogBatch.INT.get(window, header + LogBatch.CRC_OFFSET);
    int payloadEnd = LogBatch.FRAME_HEADER_BYTES + payloadBytes;
    crc.reset();
    crc.update(window, header + LogBatch.SEQUENCE_OFFSET, payloadEnd - LogBatch.SEQUENCE_OFFSET);
    if ((int) crc.getValue() != stored) {
      return null;
    }
    byte[] bytes = new byte[LogBatch.frameBytes(payloadBytes)];
    System.arraycopy(window, header, bytes, 0, frameBytes);
    return new Frame(offset, bytes, payloadEnd);
  }

  /** The first intact frame of this segment that begins after {@code offset}. */
  @Nullable Frame firstAfter(long offset) throws IOException {
    for (long at = offset + LogBatch.ALIGNMENT;
        at + LogBatch.FRAME_HEADER_BYTES <= fileBytes;
        at += LogBatch.ALIGNMENT) {
      Frame frame = at(at);
      if (frame != null) {
        return frame;
      }
    }
    return null;
  }

  private void load(long offset, int length) throws IOException {
    if (offset >= windowStart && offset + length <= windowStart + window.length) {
      return;
    }
    int wanted = (int) Math.min(fileBytes - offset, Math.max(length, WINDOW_BYTES));
    if (window.length != wanted) {
      window = new byte[wanted];
    }
    segment.file().read(window, offset);
    windowStart = offset;
  }
}
