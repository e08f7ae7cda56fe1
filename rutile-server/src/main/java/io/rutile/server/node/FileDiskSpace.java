package io.rutile.server.node;

import io.rutile.base.clock.Clock;
import io.rutile.store.heartbeat.DiskSpace;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How full the disk below the data directory is. The file system is asked at most once a second; in
 * between the last answer stands, so that callers on hot paths cost nothing.
 *
 * <p>Safe for use by any thread. A file system that cannot be asked keeps its last answer.
 */
final class FileDiskSpace implements DiskSpace {
  private static final Logger LOG = LoggerFactory.getLogger(FileDiskSpace.class);
  private static final long REFRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** One answer of the file system. */
  private record Reading(long capacity, long available, long used, Usage usage, long takenNanos) {}

  private final FileStore disk;
  private final long configuredCapacity;
  private final long reservedBytes;
  private final LongSupplier usedBytes;
  private final Clock clock;
  private volatile Reading reading;

  /**
   * @param configuredCapacity what the store may use of the disk, 0 for all of it
   * @param reservedBytes space kept free: below it the disk counts as almost full, below half of it
   *     as full
   * @param usedBytes what the store's files take
   */
  FileDiskSpace(
      Path dataDirectory,
      long configuredCapacity,
      long reservedBytes,
      LongSupplier usedBytes,
      Clock clock)
      throws IOException {
    this.disk = Files.getFileStore(dataDirectory);
    this.configuredCapacity = configuredCapacity;
    this.reservedBytes = reservedBytes;
    this.usedBytes = usedBytes;
    this.clock = clock;
    this.reading = take();
  }

  @Override
  public long capacityBytes() {
    return current().capacity;
  }

  @Override
  public long availableBytes() {
    return current().available;
  }

  @Override
  public long usedBytes() {
    return current().used;
  }

  @Override
  public Usage usage() {
    return current().usage;
  }

  private Reading current() {
    Reading last = reading;
    if (clock.monotonicNanos() - last.takenNanos < REFRESH_NANOS) {
      return last;
    }
    try {
      Reading fresh = take();
      reading = fresh;
      return fresh;
    } catch (IOException e) {
      LOG.warn("cannot ask how full the disk is", e);
      return last;
    }
  }

  private Reading take() throws IOException {
    long total = disk.getTotalSpace();
    long free = disk.getUsableSpace();
    long used = usedBytes.getAsLong();
    long capacity = configuredCapacity == 0 ? total : Math.min(configuredCapacity, total);
    long available = Math.max(0, Math.min(free, capacity - used));
    return new Reading(capacity, available, used, usageAt(available), clock.monotonicNanos());
  }

  private Usage usageAt(long available) {
    if (available <= reservedBytes / 2) {
      return Usage.ALREADY_FULL;
    }
    return available <= reservedBytes ? Usage.ALMOST_FULL : Usage.NORMAL;
  }
}
