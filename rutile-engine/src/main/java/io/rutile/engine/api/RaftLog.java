package io.rutile.engine.api;

import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The log of all Raft groups of a store, with one write and one fsync for a whole batch of groups.
 * An entry is opaque bytes under (group, index); each group also has one small state record (its
 * hard state and what belongs with it).
 *
 * <p>Reads are safe from any thread; {@link #write} is called by one thread at a time, the log
 * writer.
 *
 * <p>Invariant: the entries of a group are contiguous, {@code firstIndex..lastIndex}. Appending at
 * an index at or below {@code lastIndex} replaces the tail from there. A batch that would break
 * this (a gap, an append below {@code firstIndex}, a compaction beyond {@code lastIndex + 1}) is
 * refused whole with {@link EngineException} of kind INVALID_ARGUMENT; the first append to a group
 * without entries and without a reset may begin at any index.
 *
 * <p>Failures: no space is {@link EngineException} of kind NO_SPACE, nothing of the batch is then
 * visible and the log stays usable. A failed write or fsync of another cause closes the log for
 * good, because what the disk holds is unknown: every later call throws.
 */
public interface RaftLog extends AutoCloseable {
  /**
   * Index of the first entry kept; {@code lastIndex + 1} when the group has none; 1 for an unknown
   * group.
   */
  long firstIndex(long groupId);

  /** Index of the last entry, 0 for an unknown group. */
  long lastIndex(long groupId);

  /** The entry's bytes, or null when it was compacted or never written. */
  byte @Nullable [] entry(long groupId, long index);

  /**
   * Entries [low, high) in order, at least one, stopping before the total size would exceed {@code
   * maxBytes}.
   *
   * @throws io.rutile.base.error.CorruptionException when an entry in the group's range is missing
   *     or damaged
   */
  List<byte[]> entries(long groupId, long low, long high, long maxBytes);

  byte @Nullable [] state(long groupId);

  /** Calls back every group known to the log, in ascending order. */
  void forEachGroup(LongConsumer consumer);

  RaftLogBatch newBatch();

  /**
   * Appends the batch; with {@code sync} it and everything before it is on disk when this returns.
   * The batch is empty afterwards, unless this throws.
   */
  void write(RaftLogBatch batch, boolean sync);

  /** Bytes on disk that still hold live entries or have not been reclaimed. */
  long usedBytes();

  /**
   * Reclaims segments without live data; any thread may call it beside the log writer. Groups whose
   * old entries alone keep many segments alive are named to {@code laggard}, which should make them
   * compact their log.
   */
  void purge(LongConsumer laggard);

  @Override
  void close();
}
