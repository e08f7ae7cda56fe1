package io.rutile.engine.raftlog;

import io.rutile.engine.api.EngineException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The files of one log: {@code LOCK}, segments {@code <id>.raftlog} with ids without a gap, and
 * retired files {@code <id>.recycled} that become segments again.
 *
 * <p>A file gets a segment's name only after its header is durable, and each rename or deletion is
 * durable before the next begins, so that after any crash the segments are one run of ids. Owned by
 * the writer.
 */
final class SegmentDirectory {
  private static final Pattern SEGMENT = Pattern.compile("(\\d{20})\\.raftlog");
  private static final Pattern RECYCLED = Pattern.compile("(\\d{20})\\.recycled");
  private static final String FRESH = "fresh.tmp";

  private final Path path;
  private final RaftLogConfig config;
  private final FileChannel lockChannel;
  private final FileLock lock;
  private final ArrayDeque<Path> recycled = new ArrayDeque<>();

  private SegmentDirectory(
      Path path, RaftLogConfig config, FileChannel lockChannel, FileLock lock) {
    this.path = path;
    this.config = config;
    this.lockChannel = lockChannel;
    this.lock = lock;
  }

  /** Takes the directory for this process, making it if it is not there. */
  static SegmentDirectory lock(Path path, RaftLogConfig config) throws IOException {
    Files.createDirectories(path);
    FileChannel channel =
        FileChannel.open(path.resolve("LOCK"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return new SegmentDirectory(path, config, channel, lock);
      }
    } catch (OverlappingFileLockException e) {
      channel.close();
      throw inUse(path);
    }
    channel.close();
    throw inUse(path);
  }

  private static EngineException inUse(Path path) {
    return new EngineException(
        EngineException.Kind.LOCKED, path + ": the raft log is in use by another process");
  }

  Path path() {
    return path;
  }

  /** Opens the segments in ascending order and remembers the recycled files. */
  List<Segment> openSegments() throws IOException {
    List<Long> ids = new ArrayList<>();
    List<Path> retired = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        Matcher segment = SEGMENT.matcher(name);
        if (segment.matches()) {
          ids.add(Long.valueOf(segment.group(1)));
        } else if (RECYCLED.matcher(name).matches()) {
          retired.add(file);
        }
      }
    }
    Collections.sort(retired);
    for (Path file : retired) {
      keepOrDelete(file);
    }
    Collections.sort(ids);
    List<Segment> segments = new ArrayList<>();
    try {
      for (long id : ids) {
        segments.add(openSegment(id));
      }
      return segments;
    } catch (RuntimeException | IOException e) {
      for (Segment segment : segments) {
        segment.close();
      }
      throw e;
    }
  }

  private Segment openSegment(long id) throws IOException {
    Path file = path.resolve(segmentName(id));
    SegmentFile open = SegmentFile.open(file, false);
    try {
      if (open.size() < Segment.HEADER_BYTES) {
        throw Segment.corrupt(file, 0, "the file is too short for a header");
      }
      byte[] header = new byte[Segment.HEADER_BYTES];
      open.read(header, 0);
      Segment.Header decoded = Segment.Header.decode(file, header);
      if (decoded.id() != id) {
        throw Segment.corrupt(file, 0, "the header says segment " + decoded.id());
      }
      return new Segment(file, open, decoded, config.targetFileSizeBytes());
    } catch (RuntimeException | IOException e) {
      open.close();
      throw e;
    }
  }

  /** Begins a segment, in a recycled file when there is one. */
  Segment create(Segment.Header header) throws IOException {
    Path target = path.resolve(segmentName(header.id()));
    Path source = recycled.isEmpty() ? path.resolve(FRESH) : recycled.peekFirst();
    if (recycled.isEmpty()) {
      Files.deleteIfExists(source);
    }
    try (SegmentFile file = SegmentFile.open(source, true)) {
      file.write(header.encode(), 0);
      file.force();
    }
    Files.move(source, target, StandardCopyOption.ATOMIC_MOVE);
    recycled.pollFirst();
    forceDirectory();
    return new Segment(
        target, SegmentFile.open(target, false), header, config.targetFileSizeBytes());
  }

  /** Takes a segment that nobody reads any more out of the log. */
  void retire(Segment segment) throws IOException {
    segment.close();
    boolean reusable = Files.size(segment.path) <= config.targetFileSizeBytes();
    if (reusable && recycled.size() < config.recycledSegments()) {
      Path file = path.resolve(String.format(Locale.ROOT, "%020d.recycled", segment.id));
      Files.move(segment.path, file, StandardCopyOption.ATOMIC_MOVE);
      recycled.addLast(file);
    } else {
      Files.delete(segment.path);
    }
    forceDirectory();
  }

  void close() throws IOException {
    lock.release();
    lockChannel.close();
  }

  static String segmentName(long id) {
    return String.format(Locale.ROOT, "%020d.raftlog", id);
  }

  private void keepOrDelete(Path file) throws IOException {
    if (recycled.size() < config.recycledSegments()
        && Files.size(file) <= config.targetFileSizeBytes()) {
      recycled.addLast(file);
    } else {
      Files.delete(file);
    }
  }

  private void forceDirectory() throws IOException {
    try (FileChannel directory = FileChannel.open(path, StandardOpenOption.READ)) {
      directory.force(true);
    }
  }
}
