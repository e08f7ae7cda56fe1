package io.rutile.server.config;

import io.rutile.base.config.Describe;
import io.rutile.base.config.Range;
import io.rutile.base.config.ReadableSize;
import io.rutile.engine.raftlog.RaftLogConfig;

/** Section {@code [raft-engine]}: the segmented log of all regions. */
public record RaftEngineSection(
    @Describe("Where the log lives; in the data directory when empty.") String dir,
    @Describe("Bytes at which a segment is closed.") @Range(min = "4KB", max = "1GB")
        ReadableSize targetFileSize,
    @Describe("Bytes of all segments above which regions that pin old ones compact.")
        ReadableSize purgeThreshold,
    @Describe("Whether segments are written over, which halves the cost of a sync.")
        boolean enableLogRecycle) {

  public RaftEngineSection {
    if (purgeThreshold.compareTo(targetFileSize) < 0) {
      throw new IllegalArgumentException(
          "purge-threshold = \""
              + purgeThreshold
              + "\" must not be below target-file-size = \""
              + targetFileSize
              + "\"");
    }
  }

  static RaftEngineSection defaults() {
    RaftLogConfig log = RaftLogConfig.defaults();
    return new RaftEngineSection(
        "",
        ReadableSize.bytes(log.targetFileSizeBytes()),
        ReadableSize.bytes(log.purgeThresholdBytes()),
        true);
  }

  /** Options of the log. */
  public RaftLogConfig raftLog() {
    return new RaftLogConfig(
        targetFileSize.bytes(),
        purgeThreshold.bytes(),
        enableLogRecycle ? RaftLogConfig.defaults().recycledSegments() : 0);
  }
}
