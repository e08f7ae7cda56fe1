package io.rutile.engine.raftlog;

import io.rutile.base.error.CorruptionException;
import io.rutile.engine.api.EngineException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads entries from segments, neighbours with one read. Any thread may call.
 *
 * <p>A purge may move entries and recycle their segment between the look at the index and the read;
 * the segment's gate then refuses, and the index is asked again.
 */
final class EntryReader {
  /** Entries that lie at most so far apart in a file are read together. */
  private static final int MAX_GAP_BYTES = 4 << 10;

  private static final int MAX_RUN_BYTES = 1 << 20;
  private static final int LOCATE_AT_ONCE = 1024;

  private final Map<Long, Segment> segments;

  EntryReader(Map<Long, Segment> segments) {
    this.segments = segments;
  }

  /** The entry, or null when the group does not have it. */
  byte @Nullable [] entry(GroupIndex group, long index) {
    Run run = new Run(group, index, 1);
    while (run.locate(Long.MAX_VALUE)) {
      List<byte[]> found = new ArrayList<>(1);
      if (run.read(segments, found)) {
        return found.getFirst();
      }
    }
    return null;
  }

  /** Entries [low, high), at least one, until the size would pass {@code maxBytes}. */
  List<byte[]> entries(GroupIndex group, long low, long high, long maxBytes) {
    List<byte[]> found = new ArrayList<>((int) Math.min(Math.max(high - low, 0), LOCATE_AT_ONCE));
    long bytes = 0;
    long next = low;
    while (next < high && (bytes < maxBytes || found.isEmpty())) {
      Run run = new Run(group, next, (int) Math.min(high - next, LOCATE_AT_ONCE));
      if (!run.locate(maxBytes - bytes)) {
        throw new CorruptionException(
            SegmentRaftLog.CORRUPTION_CODE,
            "raft log of group "
                + group.groupId
                + " has no entry "
                + next
                + ", it has "
                + group.first()
                + ".."
                + group.last());
      }
      if (!found.isEmpty() && bytes + run.lengths[0] > maxBytes) {
        break;
      }
      int before = found.size();
      if (run.read(segments, found)) {
        for (int i = before; i < found.size(); i++) {
          bytes += found.get(i).length;
        }
        next += found.size() - before;
      }
    }
    return found;
  }

  /** Consecutive entries of one group. */
  private static final class Run {
    private final GroupIndex group;
    private final long first;
    private final long[] locations;
    private final int[] lengths;
    private int count;

    Run(GroupIndex group, long first, int atMost) {
      this.group = group;
      this.first = first;
      this.locations = new long[atMost];
      this.lengths = new int[atMost];
    }

    /** Asks the index; false when the group does not have the first entry. */
    boolean locate(long maxBytes) {
      count = group.locate(first, maxBytes, locations, lengths);
      return count > 0;
    }

    /** Adds the entries that one read brings; false when they moved and must be located again. */
    boolean read(Map<Long, Segment> segments, List<byte[]> into) {
      Segment segment = segments.get(GroupIndex.segmentOf(locations[0]));
      int slot = segment == null ? -1 : segment.gate.tryEnter();
      if (segment == null || slot < 0) {
        requireMoved();
        return false;
      }
      try {
        int together = together();
        long start = GroupIndex.offsetOf(locations[0]) - (long) LogChange.ENTRY_HEADER_BYTES;
        long end = GroupIndex.offsetOf(locations[together - 1]) + (long) lengths[together - 1];
        byte[] bytes = new byte[(int) (end - start)];
        try {
          segment.file().read(bytes, start);
        } catch (IOException e) {
          throw new EngineException(
              EngineException.Kind.IO, segment.path + " at offset " + start + ": " + e, e);
        }
        CRC32C crc = new CRC32C();
        for (int i = 0; i < together; i++) {
          into.add(verified(segment, crc, bytes, start, i));
        }
        return true;
      } finally {
        segment.gate.exit(slot);
      }
    }

    /** How many entries from the first on are near enough in the same file. */
    private int together() {
      long segmentId = GroupIndex.segmentOf(locations[0]);
      long start = GroupIndex.offsetOf(locations[0]);
      int together = 1;
      while (together < count) {
        long previousEnd =
            GroupIndex.offsetOf(locations[together - 1]) + (long) lengths[together - 1];
        long at = GroupIndex.offsetOf(locations[together]);
        if (GroupIndex.segmentOf(locations[together]) != segmentId
            || at < previousEnd
            || at - previousEnd > MAX_GAP_BYTES
            || at + lengths[together] - start > MAX_RUN_BYTES) {
          break;
        }
        together++;
      }
      return together;
    }

    private byte[] verified(Segment segment, CRC32C crc, byte[] bytes, long start, int i) {
      int header = (int) (GroupIndex.offsetOf(locations[i]) - start) - LogChange.ENTRY_HEADER_BYTES;
      int stored = (int) LogBatch.INT.get(bytes, header + 4);
      int length = lengths[i];
      if (LogChange.entryLength(bytes, header) != length
          || LogBatch.entryCrc(
                  crc,
                  group.groupId,
                  first + i,
                  bytes,
                  header + LogChange.ENTRY_HEADER_BYTES,
                  length)
              != stored) {
        throw Segment.corrupt(
            segment.path,
            start + header,
            "entry " + (first + i) + " of group " + group.groupId + " is damaged");
      }
      return LogChange.entryBytes(bytes, header);
    }

    private void requireMoved() {
      if (group.locationOf(first) == locations[0]) {
        throw new CorruptionException(
            SegmentRaftLog.CORRUPTION_CODE,
            "raft log of group "
                + group.groupId
                + ": segment "
                + GroupIndex.segmentOf(locations[0])
                + " of entry "
                + first
                + " is gone");
      }
    }
  }
}
