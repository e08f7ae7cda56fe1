package io.rutile.server.config;

import io.rutile.base.config.ConfigMapper;
import io.rutile.base.config.Describe;
import io.rutile.base.config.Online;
import io.rutile.base.config.OtherKeys;
import io.rutile.base.config.Range;
import io.rutile.base.config.ReadableDuration;
import io.rutile.base.config.ReadableSize;
import io.rutile.base.log.LogConfig;
import io.rutile.engine.rocks.RocksConfig;
import io.rutile.server.resolvedts.ResolvedTsSettings;
import io.rutile.store.RaftstoreConfig;
import io.rutile.txn.gc.GcSettings;
import io.rutile.txn.scheduler.EngineFlowControl;
import io.rutile.txn.storage.StorageOptions;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A store's configuration, as it stands in {@code tikv.toml}. Every item here has an effect; keys
 * that TiKV knows and that have none in Rutile are accepted too, so that an existing file works:
 * they are listed in the resource {@code keys-without-effect.txt} with the reason. All others are
 * refused with file, line and what is allowed.
 *
 * <p>{@link #load} is the way in: file, then the command line's items, then what is derived from
 * the machine. The methods that make the modules' own settings work on such a complete
 * configuration:
 *
 * <pre>
 * TikvConfig config = TikvConfig.load(path, Map.of("server.addr", addr), Machine.here());
 * Logging.start(config.log());
 * StoreNode.start(new LiveConfig(config, path, Logging::setLevel), fatal);
 * </pre>
 */
public record TikvConfig(
    LogConfig log,
    ServerSection server,
    StorageSection storage,
    Pd pd,
    RaftstoreSection raftstore,
    CoprocessorSection coprocessor,
    RocksdbSection rocksdb,
    RaftEngineSection raftEngine,
    Readpool readpool,
    PessimisticTxn pessimisticTxn,
    Gc gc,
    ResolvedTs resolvedTs,
    SecuritySection security) {
  private static final String WITHOUT_EFFECT = "keys-without-effect.txt";

  /** Section {@code [pd]}. */
  public record Pd(@Describe("Addresses of PD members.") List<String> endpoints) {
    public Pd {
      if (endpoints.isEmpty()) {
        throw new IllegalArgumentException("endpoints is empty: a store needs a PD");
      }
      endpoints.forEach(
          endpoint -> Addresses.check("pd.endpoints", endpoint.replaceFirst("^https?://", "")));
    }
  }

  /** Section {@code [readpool]}. */
  public record Readpool(Unified unified) {
    /** Section {@code [readpool.unified]}. */
    public record Unified(
        @Describe("Threads that serve reads.") @Range(min = "1", max = "1024")
            @Nullable Integer maxThreadCount,
        @Describe("Reads that may wait for each of them.") @Range(min = "2")
            int maxTasksPerWorker) {}
  }

  /** Section {@code [pessimistic-txn]}. */
  public record PessimisticTxn(
      @Describe("How long a request waits for a lock at most.") @Online @Range(min = "1ms")
          ReadableDuration waitForLockTimeout,
      @Describe("How long after the first waiter the others wake up.") @Online
          ReadableDuration wakeUpDelayDuration) {}

  /** Section {@code [resolved-ts]}. */
  public record ResolvedTs(
      @Describe("Whether safe timestamps move, so that stale reads are served.") boolean enable,
      @Describe("How often they move.") @Online @Range(min = "10ms")
          ReadableDuration advanceTsInterval,
      @Describe("Memory for the open locks of all regions.") @Online ReadableSize memoryQuota) {}

  /** Section {@code [gc]}. */
  public record Gc(
      @Describe("Keys from which one write removes old versions.")
          @Online
          @Range(min = "1", max = "65536")
          int batchKeys,
      @Describe("Bytes of such writes a second; 0 for no limit.") @Online
          ReadableSize maxWriteBytesPerSec) {}

  /**
   * Items by which a store shares a small machine with other processes: modest caches, buffers and
   * reserves. Meant for {@link #load}, beside what else is set.
   */
  public static Map<String, String> sharedMachine() {
    Map<String, String> items = new HashMap<>();
    items.put("server.grpc-concurrency", "2");
    items.put("server.graceful-shutdown-timeout", "5s");
    items.put("storage.reserve-space", "64MB");
    items.put("storage.block-cache.capacity", "32MB");
    items.put("rocksdb.write-buffer-limit", "48MB");
    items.put("rocksdb.max-open-files", "256");
    items.put("rocksdb.max-background-jobs", "2");
    items.put("rocksdb.max-sub-compactions", "1");
    items.put("rocksdb.rate-bytes-per-sec", "0");
    items.put("rocksdb.max-total-wal-size", "256MB");
    Map.of("defaultcf", "16MB", "writecf", "16MB", "lockcf", "8MB", "raftcf", "4MB")
        .forEach((family, size) -> {
          items.put("rocksdb." + family + ".write-buffer-size", size);
          items.put("rocksdb." + family + ".max-write-buffer-number", "4");
        });
    items.put("raft-engine.target-file-size", "16MB");
    items.put("raft-engine.purge-threshold", "256MB");
    return items;
  }

  /** Reads and describes files of this kind. */
  public static ConfigMapper<TikvConfig> mapper() {
    InputStream list = Objects.requireNonNull(TikvConfig.class.getResourceAsStream(WITHOUT_EFFECT));
    return new ConfigMapper<>(TikvConfig.class, defaults(), OtherKeys.read(list));
  }

  /** TiKV's defaults; what depends on the machine is not set. */
  public static TikvConfig defaults() {
    return new TikvConfig(
        LogConfig.defaults(),
        ServerSection.defaults(),
        StorageSection.defaults(),
        new Pd(List.of("127.0.0.1:2379")),
        RaftstoreSection.defaults(),
        CoprocessorSection.defaults(),
        RocksdbSection.defaults(),
        RaftEngineSection.defaults(),
        new Readpool(new Readpool.Unified(null, 2000)),
        new PessimisticTxn(ReadableDuration.seconds(1), ReadableDuration.millis(20)),
        new Gc(512, ReadableSize.bytes(0)),
        new ResolvedTs(true, ReadableDuration.seconds(20), ReadableSize.mib(256)),
        SecuritySection.defaults());
  }

  /**
   * A complete configuration.
   *
   * @param file the configuration file, or null for none
   * @param items what the command line sets, by key
   * @throws io.rutile.base.config.ConfigException with everything that is wrong in either
   */
  public static TikvConfig load(@Nullable Path file, Map<String, String> items, Machine machine) {
    ConfigMapper<TikvConfig> mapper = mapper();
    TikvConfig config = file == null ? mapper.defaults() : mapper.read(file);
    config = mapper.with(config, items);
    return mapper.with(config, config.derived(machine));
  }

  /** Items that are not set, by what the machine is. */
  private Map<String, String> derived(Machine machine) {
    Map<String, String> items = new HashMap<>();
    int cores = machine.cores();
    if (storage.schedulerWorkerPoolSize() == null) {
      int threads = StorageOptions.Writes.defaults(cores).threads();
      items.put("storage.scheduler-worker-pool-size", String.valueOf(threads));
    }
    if (readpool.unified.maxThreadCount == null) {
      int threads = StorageOptions.Reads.defaults(cores).threads();
      items.put("readpool.unified.max-thread-count", String.valueOf(threads));
    }
    if (storage.blockCache().capacity() == null) {
      items.put("storage.block-cache.capacity", String.valueOf(blockCacheBytes(machine)));
    }
    if (server.grpcConcurrency() == null) {
      items.put("server.grpc-concurrency", String.valueOf(Math.clamp(cores, 2, 5)));
    }
    if (server.grpcMemoryPoolQuota() == null) {
      long quota = Math.max(32L << 20, machine.heapBytes() / 4);
      items.put("server.grpc-memory-pool-quota", String.valueOf(quota));
    }
    int jobs = Objects.requireNonNullElse(rocksdb.maxBackgroundJobs(), Math.clamp(cores - 1, 2, 9));
    items.put("rocksdb.max-background-jobs", String.valueOf(jobs));
    if (rocksdb.maxSubCompactions() == null) {
      items.put("rocksdb.max-sub-compactions", String.valueOf(Math.clamp(jobs / 3, 1, 3)));
    }
    deriveFromRegionSize(items);
    return items;
  }

  /** A log is kept for slow followers as long as it costs less than a snapshot. */
  private void deriveFromRegionSize(Map<String, String> items) {
    long regionBytes = coprocessor.regionSplitSize().bytes();
    if (raftstore.raftLogGcSizeLimit() == null) {
      items.put("raftstore.raft-log-gc-size-limit", String.valueOf(regionBytes * 3 / 4));
    }
    if (raftstore.raftLogGcCountLimit() == null) {
      long entriesOfOneKib = Math.max(1, regionBytes * 3 / 4 >> 10);
      items.put("raftstore.raft-log-gc-count-limit", String.valueOf(entriesOfOneKib));
    }
    if (raftstore.regionSplitCheckDiff() == null) {
      items.put("raftstore.region-split-check-diff", String.valueOf(regionBytes / 16));
    }
  }

  /** TiKV's 45 % of the memory, unless the heap leaves too little for it. */
  private static long blockCacheBytes(Machine machine) {
    long share = machine.memoryBytes() / 100 * 45;
    long besideHeap = (machine.memoryBytes() - machine.heapBytes()) / 4 * 3;
    return Math.max(ReadableSize.mib(8).bytes(), Math.min(share, besideHeap));
  }

  /** Where the data engine lives. */
  public Path engineDir() {
    return Path.of(storage.dataDir()).resolve("db");
  }

  /** Where the log of all regions lives. */
  public Path raftLogDir() {
    return raftEngine.dir().isEmpty()
        ? Path.of(storage.dataDir()).resolve("raft-engine")
        : Path.of(raftEngine.dir());
  }

  /** Where snapshot files live. */
  public Path snapshotDir() {
    return Path.of(storage.dataDir()).resolve("snap");
  }

  /** Options of the data engine. */
  public RocksConfig rocks() {
    return rocksdb.rocks(Objects.requireNonNull(storage.blockCache().capacity()).bytes());
  }

  /** Settings of the transaction layer. */
  public StorageOptions.Settings storageSettings() {
    return new StorageOptions.Settings(
        storage.api(),
        storage.maxKeySize(),
        new StorageOptions.Reads(
            Objects.requireNonNull(readpool.unified.maxThreadCount),
            readpool.unified.maxTasksPerWorker),
        new StorageOptions.Writes(
            Objects.requireNonNull(storage.schedulerWorkerPoolSize()),
            storage.schedulerConcurrency(),
            storage.schedulerPendingWriteThreshold().bytes(),
            storage.memoryQuota().bytes(),
            storage.txnStatusCacheCapacity()),
        new StorageOptions.Locks(
            pessimisticTxn.waitForLockTimeout.duration(),
            pessimisticTxn.wakeUpDelayDuration.duration()),
        new StorageOptions.MaxTs(
            storage.maxTs().maxDrift().duration(), storage.maxTs().cacheSyncInterval().duration()));
  }

  /** Settings of safe timestamps. */
  public ResolvedTsSettings resolvedTsSettings() {
    return new ResolvedTsSettings(
        resolvedTs.enable, resolvedTs.advanceTsInterval.duration(), resolvedTs.memoryQuota.bytes());
  }

  /** Settings of flow control. */
  public EngineFlowControl.Settings flowControlSettings() {
    StorageSection.FlowControl flow = storage.flowControl();
    return new EngineFlowControl.Settings(
        flow.enable(),
        flow.l0FilesThreshold(),
        flow.softPendingCompactionBytesLimit().bytes(),
        flow.hardPendingCompactionBytesLimit().bytes());
  }

  /** Settings of garbage collection. */
  public GcSettings gcSettings() {
    return new GcSettings(
        gc.batchKeys, gc.maxWriteBytesPerSec.bytes(), GcSettings.defaults().pollInterval());
  }

  /** Settings of the store. */
  public RaftstoreConfig raftstoreConfig() {
    return StoreSettings.of(this);
  }
}
