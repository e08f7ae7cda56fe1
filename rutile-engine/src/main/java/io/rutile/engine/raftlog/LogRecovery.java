package io.rutile.engine.raftlog;

import io.rutile.base.error.CorruptionException;
import io.rutile.engine.api.EngineException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replays the segments of a log at start.
 *
 * <p>Sequences of frames rise by one through all segments, so a lost frame or file is seen. In a
 * closed segment, frames must reach the sequence with which the next one begins. In the last one,
 * the first damaged frame is a torn tail if nothing after it can have been acknowledged: each frame
 * carries the sequence that was durable when it was written, and an intact frame beyond the damage
 * that knew the damaged one to be durable proves corruption. Only then, and for whatever a valid
 * checksum covers but cannot be, start is refused; a torn tail is cut with a line in the log, and
 * unacknowledged frames beyond it are erased lest they come back.
 *
 * <p>Used once, by the thread that opens the log.
 */
final class LogRecovery {
  private static final Logger LOG = LoggerFactory.getLogger(LogRecovery.class);

  private final Map<Long, GroupIndex> groups = new TreeMap<>();
  private final Map<Long, Segment> segments = new TreeMap<>();
  private final ChangeApplier applier = new ChangeApplier(groups, this::book, this::needFrom);
  private final SegmentDirectory directory;
  private long lastSequence;
  private long lowestNeeded;

  LogRecovery(SegmentDirectory directory) {
    this.directory = directory;
  }

  /** Groups found, by id. */
  Map<Long, GroupIndex> groups() {
    return groups;
  }

  /** The sequence of the last intact frame. */
  long lastSequence() {
    return lastSequence;
  }

  /** The lowest segment id that is needed. */
  long lowestNeeded() {
    return lowestNeeded;
  }

  /** Replays all; afterwards each segment knows its end and its live bytes. */
  void replay(List<Segment> opened) throws IOException {
    if (opened.isEmpty()) {
      return;
    }
    Segment first = opened.getFirst();
    lastSequence = first.firstSequence - 1;
    Segment previous = null;
    for (Segment segment : opened) {
      if (previous != null) {
        requireFollows(previous, segment);
      }
      segments.put(segment.id, segment);
      lowestNeeded = Math.max(lowestNeeded, segment.lowestNeeded);
      replay(segment, segment == opened.getLast());
      previous = segment;
    }
    if (first.id > lowestNeeded) {
      throw new CorruptionException(
          SegmentRaftLog.CORRUPTION_CODE,
          directory.path()
              + ": segment "
              + SegmentDirectory.segmentName(lowestNeeded)
              + " is missing");
    }
    for (GroupIndex group : groups.values()) {
      group.requireWhole(directory.path().toString());
    }
  }

  private void requireFollows(Segment previous, Segment segment) {
    if (segment.id != previous.id + 1) {
      throw new CorruptionException(
          SegmentRaftLog.CORRUPTION_CODE,
          directory.path()
              + ": segment "
              + SegmentDirectory.segmentName(previous.id + 1)
              + " is missing");
    }
    if (segment.firstSequence != lastSequence + 1) {
      throw Segment.corrupt(
          previous.path,
          previous.position(),
          "frame "
              + (lastSequence + 1)
              + " is missing or damaged; the next segment begins with "
              + segment.firstSequence);
    }
  }

  private void replay(Segment segment, boolean isLast) throws IOException {
    FrameReader reader = new FrameReader(segment);
    long offset = Segment.HEADER_BYTES;
    while (true) {
      FrameReader.Frame frame = reader.at(offset);
      if (frame == null) {
        break;
      }
      if (frame.sequence() != lastSequence + 1) {
        throw Segment.corrupt(
            segment.path,
            offset,
            "frame " + frame.sequence() + " where " + (lastSequence + 1) + " is due");
      }
      apply(segment, frame);
      lastSequence = frame.sequence();
      offset = frame.end();
    }
    segment.resumeAt(offset);
    if (isLast) {
      cutTail(segment, reader, offset);
    }
  }

  private void cutTail(Segment segment, FrameReader reader, long end) throws IOException {
    long eraseTo = 0;
    for (FrameReader.Frame later = reader.firstAfter(end);
        later != null;
        later = reader.firstAfter(later.offset())) {
      if (later.durableSequence() > lastSequence) {
        throw Segment.corrupt(
            segment.path,
            end,
            "frame "
                + (lastSequence + 1)
                + " is damaged, but frame "
                + later.sequence()
                + " at offset "
                + later.offset()
                + " was written after it was durable");
      }
      eraseTo = later.end();
    }
    if (eraseTo > 0) {
      segment.zero(end, eraseTo);
    }
    if (eraseTo > 0 || hasTornFrame(segment, end)) {
      LOG.warn(
          "cut a torn tail off the raft log [file={}] [offset={}] [last_sequence={}]",
          segment.path,
          end,
          lastSequence);
    }
    segment.force();
  }

  /** Whether at {@code offset} a frame of this segment was begun. */
  private static boolean hasTornFrame(Segment segment, long offset) throws IOException {
    if (offset + LogBatch.FRAME_HEADER_BYTES > segment.file().size()) {
      return false;
    }
    byte[] header = new byte[LogBatch.FRAME_HEADER_BYTES];
    segment.file().read(header, offset);
    return (long) LogBatch.LONG.get(header, LogBatch.SEGMENT_OFFSET) == segment.id;
  }

  private void apply(Segment segment, FrameReader.Frame frame) {
    applier.at(segment.id, (int) frame.offset());
    try {
      LogChange.forEach(frame.bytes(), LogBatch.FRAME_HEADER_BYTES, frame.payloadEnd(), applier);
    } catch (EngineException | IndexOutOfBoundsException | IllegalStateException e) {
      throw new CorruptionException(
          SegmentRaftLog.CORRUPTION_CODE,
          segment.path + " at offset " + frame.offset() + ": " + e.getMessage(),
          e);
    }
  }

  private void needFrom(long segmentId) {
    lowestNeeded = Math.max(lowestNeeded, segmentId);
  }

  private void book(long segmentId, long delta) {
    Segment segment = segments.get(segmentId);
    if (segment != null) {
      segment.addLive(delta);
    }
  }
}
