package io.rutile.server.config;

import io.rutile.base.config.Describe;
import io.rutile.base.config.OneOf;
import io.rutile.base.config.Online;
import io.rutile.base.config.Range;
import io.rutile.base.config.ReadableDuration;
import io.rutile.base.config.ReadableSize;
import io.rutile.proto.kvrpcpb.APIVersion;
import org.jspecify.annotations.Nullable;

/** Section {@code [storage]}. */
public record StorageSection(
    @Describe("Where data lives; one process at a time.") String dataDir,
    @Describe("The engine.") @OneOf("raft-kv") String engine,
    @Describe("Version of the stored format; data of one is not read as another.")
        @OneOf({"1", "2"})
        int apiVersion,
    @Describe("Whether raw keys may expire; always so with version 2.") boolean enableTtl,
    @Describe("The longest key, in bytes.") @Range(min = "1", max = "65536") int maxKeySize,
    @Describe("Slots among which keys that are being written are spread.")
        @Range(min = "1", max = "2097152")
        int schedulerConcurrency,
    @Describe("Threads that run writes.") @Range(min = "1", max = "1024")
        @Nullable Integer schedulerWorkerPoolSize,
    @Describe("Bytes of writes under way above which further ones are sent back.")
        @Online
        @Range(min = "1KB")
        ReadableSize schedulerPendingWriteThreshold,
    @Describe("Memory that writes under way may take together.") @Online @Range(min = "1MB")
        ReadableSize memoryQuota,
    @Describe("Transactions whose outcome is remembered.") @Range(min = "0", max = "16777216")
        int txnStatusCacheCapacity,
    @Describe("Disk space that is kept free, so that there is room to clean up.")
        ReadableSize reserveSpace,
    @Describe("How often expired raw keys are deleted (version 1 with TTL).")
        @Online
        @Range(min = "1s")
        ReadableDuration ttlCheckPollInterval,
    BlockCache blockCache,
    MaxTs maxTs,
    FlowControl flowControl) {

  /** Section {@code [storage.block-cache]}. */
  public record BlockCache(
      @Describe("Memory for blocks of data files, outside of the Java heap.")
          @Nullable ReadableSize capacity) {}

  /** Section {@code [storage.max-ts]}. */
  public record MaxTs(
      @Describe("How far ahead of PD's time a reader's timestamp may be.")
          ReadableDuration maxDrift,
      @Describe("How often PD's time is asked for.") @Range(min = "1s")
          ReadableDuration cacheSyncInterval) {}

  /** Section {@code [storage.flow-control]}. */
  public record FlowControl(
      @Describe("Whether writes are held back while the engine is behind.") @Online boolean enable,
      @Describe("Files at level 0 above which writes are slowed.")
          @Online
          @Range(min = "1", max = "1000000")
          int l0FilesThreshold,
      @Describe("Debt of compaction above which a share of writes is refused.") @Online
          ReadableSize softPendingCompactionBytesLimit,
      @Describe("Debt of compaction above which all writes are refused.") @Online
          ReadableSize hardPendingCompactionBytesLimit) {
    public FlowControl {
      if (hardPendingCompactionBytesLimit.bytes() <= softPendingCompactionBytesLimit.bytes()) {
        throw new IllegalArgumentException(
            "hard-pending-compaction-bytes-limit is not above the soft limit");
      }
    }
  }

  static StorageSection defaults() {
    return new StorageSection(
        "./",
        "raft-kv",
        1,
        false,
        8192,
        524_288,
        null,
        ReadableSize.mib(100),
        ReadableSize.mib(256),
        1 << 18,
        ReadableSize.gib(5),
        ReadableDuration.hours(12),
        new BlockCache(null),
        new MaxTs(ReadableDuration.seconds(60), ReadableDuration.seconds(15)),
        new FlowControl(true, 20, ReadableSize.gib(192), ReadableSize.gib(1024)));
  }

  /** The stored format. */
  public APIVersion api() {
    if (apiVersion == 2) {
      return APIVersion.V2;
    }
    return enableTtl ? APIVersion.V1TTL : APIVersion.V1;
  }
}
