package io.rutile.txn.gate;

import java.util.List;

/**
 * A write as one atomic Raft entry.
 *
 * @param modifies the changes, in order
 * @param diskFull how full a disk may be and still take this write
 * @param flags properties that replicas need at apply
 */
public record WriteBatchData(List<Modify> modifies, DiskFull diskFull, Flags flags) {
  /**
   * The fullest disk on which the write is allowed (the request's disk_full_opt, raised for some
   * commands).
   */
  public enum DiskFull {
    NOT_ALLOWED,
    ALMOST_FULL,
    ALREADY_FULL
  }

  /**
   * Properties of the entry.
   *
   * @param onePc a one-phase commit: observers see committed rows without a lock before them
   * @param flashback written by flashback, so allowed while the region is in that state
   * @param lazyFlush hint that the write may wait for company
   */
  public record Flags(boolean onePc, boolean flashback, boolean lazyFlush) {
    public static final Flags NONE = new Flags(false, false, false);
  }

  public static WriteBatchData of(List<Modify> modifies) {
    return new WriteBatchData(modifies, DiskFull.NOT_ALLOWED, Flags.NONE);
  }

  public WriteBatchData withDiskFull(DiskFull allowed) {
    return new WriteBatchData(modifies, allowed, flags);
  }

  public WriteBatchData withFlags(Flags newFlags) {
    return new WriteBatchData(modifies, diskFull, newFlags);
  }
}
