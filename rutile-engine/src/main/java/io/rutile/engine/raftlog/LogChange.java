package io.rutile.engine.raftlog;

import java.util.Arrays;

/**
 * The changes of which a frame consists and how to read them. Each begins with a tag (1) and the
 * group's id (8; for TRIM a segment id), then:
 *
 * <pre>
 * APPEND   first index (8), entries: they replace what was at or after that index
 * STATE    length (4), bytes
 * COMPACT  first kept index (8)
 * RESET    first index (8)
 * REMOVE
 * REWRITE  first (8) and last index (8) of the group, first index of these entries (8), entries:
 *          an old segment's live remains, moved; no other entry changes
 * TRIM
 * entries: count (4), then for each its length (4), checksum (4), bytes
 * </pre>
 */
public final class LogChange {
  static final byte APPEND = 1;
  static final byte STATE = 2;
  static final byte COMPACT = 3;
  static final byte RESET = 4;
  static final byte REMOVE = 5;
  static final byte REWRITE = 6;
  static final byte TRIM = 7;

  /** Bytes before an entry's bytes: length and checksum. */
  static final int ENTRY_HEADER_BYTES = 8;

  private LogChange() {}

  /**
   * What {@link #forEach} calls. {@code entriesOffset} is where the first entry's header is in the
   * buffer that is read; {@link #entryLength} tells each entry's length.
   */
  public interface Visitor {
    void append(long groupId, long firstIndex, int count, byte[] buffer, int entriesOffset);

    void state(long groupId, byte[] state);

    void compact(long groupId, long firstKept);

    void reset(long groupId, long firstIndex);

    void remove(long groupId);

    /** Only the segment log writes these. */
    default void rewrite(long groupId, long first, long last, Entries entries, byte[] buffer) {}

    /** Only the segment log writes these. */
    default void trim(long firstSegmentId) {}
  }

  /** Where a run of entries is in a buffer. */
  record Entries(long firstIndex, int count, int offset) {}

  static int entryLength(byte[] buffer, int entryOffset) {
    return (int) LogBatch.INT.get(buffer, entryOffset);
  }

  /** Copy of the entry whose header is at that offset. */
  public static byte[] entryBytes(byte[] buffer, int entryOffset) {
    int start = entryOffset + ENTRY_HEADER_BYTES;
    return Arrays.copyOfRange(buffer, start, start + entryLength(buffer, entryOffset));
  }

  /** The offset of the entry after the one at {@code entryOffset}. */
  public static int nextEntry(byte[] buffer, int entryOffset) {
    return entryOffset + ENTRY_HEADER_BYTES + entryLength(buffer, entryOffset);
  }

  /**
   * Reads the changes in [from, to).
   *
   * @throws IndexOutOfBoundsException or IllegalStateException when the bytes are not changes
   */
  static void forEach(byte[] buffer, int from, int to, Visitor visitor) {
    int at = from;
    while (at < to) {
      byte tag = buffer[at];
      long id = (long) LogBatch.LONG.get(buffer, at + 1);
      at += 9;
      switch (tag) {
        case APPEND -> {
          long firstIndex = (long) LogBatch.LONG.get(buffer, at);
          int count = (int) LogBatch.INT.get(buffer, at + 8);
          visitor.append(id, firstIndex, count, buffer, at + 12);
          at = skipEntries(buffer, at + 12, count);
        }
        case STATE -> {
          int length = (int) LogBatch.INT.get(buffer, at);
          visitor.state(id, Arrays.copyOfRange(buffer, at + 4, at + 4 + length));
          at += 4 + length;
        }
        case COMPACT -> {
          visitor.compact(id, (long) LogBatch.LONG.get(buffer, at));
          at += 8;
        }
        case RESET -> {
          visitor.reset(id, (long) LogBatch.LONG.get(buffer, at));
          at += 8;
        }
        case REMOVE -> visitor.remove(id);
        case REWRITE -> {
          int count = (int) LogBatch.INT.get(buffer, at + 24);
          long firstIndex = (long) LogBatch.LONG.get(buffer, at + 16);
          Entries entries = new Entries(firstIndex, count, at + 28);
          visitor.rewrite(
              id,
              (long) LogBatch.LONG.get(buffer, at),
              (long) LogBatch.LONG.get(buffer, at + 8),
              entries,
              buffer);
          at = skipEntries(buffer, at + 28, count);
        }
        case TRIM -> visitor.trim(id);
        default -> throw new IllegalStateException("unknown change " + tag);
      }
    }
    if (at != to) {
      throw new IllegalStateException("the last change ends " + (at - to) + " bytes too late");
    }
  }

  private static int skipEntries(byte[] buffer, int offset, int count) {
    int at = offset;
    for (int i = 0; i < count; i++) {
      at = nextEntry(buffer, at);
    }
    return at;
  }
}
