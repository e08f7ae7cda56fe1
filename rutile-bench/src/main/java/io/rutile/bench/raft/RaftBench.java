package io.rutile.bench.raft;

import io.rutile.base.clock.Clock;
import io.rutile.engine.api.Cf;
import io.rutile.store.RaftstoreConfig;
import io.rutile.txn.gate.Modify;
import io.rutile.txn.gate.WriteBatchData;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.HdrHistogram.ConcurrentHistogram;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code rutile bench raft}: what replication costs by itself, and what idle regions cost.
 *
 * <p>One thread keeps a fixed number of writes in flight, over all regions in turn; each write is
 * acknowledged when it is applied on the leader, so fsynced by a majority.
 */
@Command(
    name = "raft",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Runs stores in this process, with real logs, engines and connections, and puts writes on all"
            + " their regions; then lets them idle.")
public final class RaftBench implements Callable<Integer> {
  private static final long OVERHEAD_BYTES = 40;
  private static final double NANOS_PER_MILLI = 1e6;

  @Spec @Nullable CommandSpec spec;

  @Option(names = "--stores", defaultValue = "3", description = "Stores (${DEFAULT-VALUE}).")
  int stores;

  @Option(names = "--regions", defaultValue = "16", description = "Regions (${DEFAULT-VALUE}).")
  int regions;

  @Option(
      names = "--in-flight",
      defaultValue = "512",
      description = "Writes on their way (${DEFAULT-VALUE}).")
  int inFlight;

  @Option(
      names = "--entry-size",
      defaultValue = "256",
      description = "Bytes of a write in the log (${DEFAULT-VALUE}).")
  int entryBytes;

  @Option(
      names = "--no-join",
      description = "One log entry for each write, where stores else join what comes together.")
  boolean alone;

  @Option(names = "--warmup", defaultValue = "5", description = "Seconds (${DEFAULT-VALUE}).")
  int warmupSeconds;

  @Option(
      names = "--duration",
      defaultValue = "10",
      description = "Seconds of load that count, 0 for none (${DEFAULT-VALUE}).")
  int durationSeconds;

  @Option(
      names = "--idle",
      defaultValue = "0",
      description = "Seconds to measure with all regions asleep, 0 for none (${DEFAULT-VALUE}).")
  int idleSeconds;

  private final Clock clock = Clock.system();
  private final LongAdder done = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final ConcurrentHistogram nanos = new ConcurrentHistogram(3);

  /** Writes acknowledged while it counted. */
  long acknowledged() {
    return done.sum();
  }

  @Override
  public Integer call() throws IOException {
    PrintWriter out =
        spec == null ? new PrintWriter(System.out, true) : spec.commandLine().getOut();
    Path directory = Files.createTempDirectory("rutile-bench-raft");
    try (RaftCluster cluster = new RaftCluster(directory, stores, config())) {
      cluster.populate(regions);
      if (durationSeconds > 0) {
        load(cluster.targets());
        out.printf(
            "raft stores=%d regions=%d inFlight=%d entryBytes=%d joined=%b writesPerSecond=%.0f p50Ms=%.1f"
                + " p99Ms=%.1f failed=%d threads=%d%n",
            stores,
            regions,
            inFlight,
            entryBytes,
            !alone,
            (double) done.sum() / durationSeconds,
            nanos.getValueAtPercentile(50) / NANOS_PER_MILLI,
            nanos.getValueAtPercentile(99) / NANOS_PER_MILLI,
            failed.sum(),
            ManagementFactory.getThreadMXBean().getThreadCount());
      }
      if (idleSeconds > 0) {
        idle(cluster, out);
      }
      out.flush();
    } finally {
      delete(directory);
    }
    return failed.sum() == 0 ? 0 : 1;
  }

  private RaftstoreConfig config() {
    RaftstoreConfig base = RaftstoreConfig.defaults();
    RaftstoreConfig.Log log = base.log();
    return new RaftstoreConfig(
        base.election(),
        new RaftstoreConfig.Log(
            log.maxSizePerMessageBytes(),
            log.maxInflightMessages(),
            log.entryMaxBytes(),
            log.gcTick(),
            log.gcThreshold(),
            log.gcCountLimit(),
            log.gcSizeLimitBytes(),
            log.reserveMaxTicks(),
            log.entryCacheBytes(),
            !alone),
        base.split(),
        base.heartbeat(),
        base.peers(),
        base.snapshots(),
        base.pools());
  }

  private void load(List<RaftCluster.Target> targets) {
    Semaphore free = new Semaphore(inFlight);
    byte[] value = new byte[(int) Math.max(1, entryBytes - OVERHEAD_BYTES)];
    long warm = clock.monotonicNanos() + TimeUnit.SECONDS.toNanos(warmupSeconds);
    long end = warm + TimeUnit.SECONDS.toNanos(durationSeconds);
    long number = 0;
    for (long now = clock.monotonicNanos(); now - end < 0; now = clock.monotonicNanos()) {
      free.acquireUninterruptibly();
      RaftCluster.Target target = targets.get((int) (number % targets.size()));
      byte[] key =
          ByteBuffer.allocate(target.keyPrefix().length + Long.BYTES)
              .put(target.keyPrefix())
              .putLong(number++)
              .array();
      long sent = clock.monotonicNanos();
      target
          .store()
          .propose(
              target.context(), WriteBatchData.of(List.of(new Modify.Put(Cf.DEFAULT, key, value))))
          .whenComplete((applied, failure) -> {
            free.release();
            long took = clock.monotonicNanos() - sent;
            if (failure != null) {
              failed.increment();
            } else if (sent + took - warm > 0 && sent + took - end < 0) {
              done.increment();
              nanos.recordValue(took);
            }
          });
    }
    free.acquireUninterruptibly(inFlight);
  }

  private void idle(RaftCluster cluster, PrintWriter out) throws IOException {
    cluster.awaitSleep();
    System.gc(); // what the load left behind is not what idle regions need
    var system =
        (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long cpu = system.getProcessCpuTime();
    long until = clock.monotonicNanos() + TimeUnit.SECONDS.toNanos(idleSeconds);
    for (long left = until - clock.monotonicNanos();
        left > 0;
        left = until - clock.monotonicNanos()) {
      LockSupport.parkNanos(left);
    }
    double used =
        (double) (system.getProcessCpuTime() - cpu) / TimeUnit.SECONDS.toNanos(idleSeconds);
    out.printf(
        "raft idle stores=%d regions=%d seconds=%d cpuPercentOfOneCore=%.1f rssMiB=%d threads=%d%n",
        stores,
        regions,
        idleSeconds,
        100 * used,
        rssKib() >> 10,
        ManagementFactory.getThreadMXBean().getThreadCount());
  }

  private static long rssKib() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    return 0;
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> found = Files.walk(directory)) {
      for (Path path : found.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
