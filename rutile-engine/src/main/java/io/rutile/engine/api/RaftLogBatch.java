package io.rutile.engine.api;

import java.util.List;

/**
 * Changes to the logs of many groups that become durable together, all or none, in the order in
 * which they were added. Owned by one thread.
 */
public interface RaftLogBatch {
  /**
   * Appends entries at {@code firstIndex}, firstIndex + 1, ...; replaces an older tail from there.
   */
  void append(long groupId, long firstIndex, List<byte[]> entries);

  void putState(long groupId, byte[] state);

  /** Forgets entries below {@code firstKeptIndex}. */
  void compact(long groupId, long firstKeptIndex);

  /** Drops all entries and starts anew at {@code firstIndex}, as after a snapshot. */
  void reset(long groupId, long firstIndex);

  /** Forgets the group altogether. */
  void remove(long groupId);

  /** Forgets what was added. */
  void clear();

  boolean isEmpty();

  long sizeBytes();
}
