package io.rutile.engine.raftlog;

/**
 * Options of the Raft log, by TiKV's key {@code raft-engine.*}.
 *
 * @param targetFileSizeBytes {@code target-file-size}: bytes at which a segment is closed; at most
 *     1 GiB
 * @param purgeThresholdBytes {@code purge-threshold}: bytes of all segments above which groups that
 *     pin old segments are asked to compact
 * @param recycledSegments most segments kept for reuse ({@code enable-log-recycle} is a number
 *     above 0): writing into a file whose blocks exist costs half the fsync of a growing file
 */
public record RaftLogConfig(
    long targetFileSizeBytes, long purgeThresholdBytes, int recycledSegments) {
  private static final long MIB = 1L << 20;
  private static final long GIB = 1L << 30;

  public RaftLogConfig {
    if (targetFileSizeBytes < 4096 || targetFileSizeBytes > GIB) {
      throw new IllegalArgumentException(
          "raft-engine.target-file-size must lie in 4 KiB..1 GiB, is " + targetFileSizeBytes);
    }
    if (purgeThresholdBytes < targetFileSizeBytes) {
      throw new IllegalArgumentException(
          "raft-engine.purge-threshold must not be below target-file-size, is "
              + purgeThresholdBytes);
    }
    if (recycledSegments < 0) {
      throw new IllegalArgumentException("a negative number of recycled segments");
    }
  }

  /** TiKV's defaults: 128 MiB segments, 10 GiB threshold. */
  public static RaftLogConfig defaults() {
    return new RaftLogConfig(128 * MIB, 10 * GIB, 4);
  }

  /** Sizes for tests and playgrounds: 16 MiB segments, 256 MiB threshold. */
  public static RaftLogConfig small() {
    return new RaftLogConfig(16 * MIB, 256 * MIB, 4);
  }
}
