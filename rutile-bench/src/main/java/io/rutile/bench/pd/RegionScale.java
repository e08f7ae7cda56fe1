package io.rutile.bench.pd;

import com.google.protobuf.ByteString;
import io.rutile.base.clock.ManualClock;
import io.rutile.pd.cluster.ClusterCommand;
import io.rutile.pd.cluster.ClusterLoop;
import io.rutile.pd.config.PdConfig;
import io.rutile.pd.core.RegionStorage;
import io.rutile.pd.core.RegionTree;
import io.rutile.pd.core.StoreInfo;
import io.rutile.pd.heartbeat.HeartbeatStreams;
import io.rutile.pd.schedule.SchedulingCoordinator;
import io.rutile.pd.schedule.operator.OperatorController;
import io.rutile.pd.schedule.placement.RegionLabels;
import io.rutile.pd.schedule.placement.RuleSet;
import io.rutile.pd.schedule.schedulers.SchedulerFactory;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.metapb.RegionEpoch;
import io.rutile.proto.metapb.Store;
import io.rutile.proto.pdpb.QueryStats;
import io.rutile.proto.pdpb.RegionHeartbeatRequest;
import io.rutile.proto.pdpb.StoreStats;
import io.rutile.proto.pdpb.TimeInterval;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * The cluster loop with everything that runs on it, fed with the reports of many regions: how much
 * heap the map takes, how fast reports are taken in, keys are found and ranges are read, and how
 * long a round of checkers and schedulers takes. Prints {@code RESULT RegionScale ...} lines.
 *
 * <p>{@code java -Xmx3g -cp 'rutile-cli/target/rutile/lib/*' io.rutile.bench.pd.RegionScale
 * 1000000}
 */
public final class RegionScale {
  private static final int STORES = 30;
  private static final int BATCH = 1024;
  private static final int SCAN = 1000;
  private static final long GIB = 1L << 30;

  private final int regions;
  private final ManualClock clock = new ManualClock(1_700_000_000_000L);
  private final ClusterLoop loop;
  private final SchedulingCoordinator scheduling;

  private RegionScale(int regions) {
    this.regions = regions;
    loop = new ClusterLoop(clock, PdConfig.DEFAULT, new HeartbeatStreams(1), new NoStorage());
    RuleSet rules = RuleSet.ofConfig(PdConfig.DEFAULT.replication());
    scheduling =
        new SchedulingCoordinator(
            new OperatorController((region, order) -> {}),
            new AtomicLong(1L << 40)::incrementAndGet,
            new SplittableRandom(1),
            () -> rules,
            () -> RegionLabels.EMPTY,
            clock.monotonicNanos());
    SchedulerFactory.DEFAULTS.forEach(
        name -> scheduling.install(SchedulerFactory.create(name, Map.of())));
    loop.coordinator(scheduling);
  }

  /**
   * @param arguments the number of regions
   */
  public static void main(String[] arguments) {
    int regions = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1_000_000;
    RegionScale run = new RegionScale(regions);
    run.addStores();
    long before = usedHeap();
    double first = run.reportAll(1);
    long heap = usedHeap() - before;
    double again = run.reportAll(2);
    System.out.printf(
        "RESULT RegionScale regions=%d heap_mib=%d first_reports_per_s=%.0f reports_per_s=%.0f%n",
        regions, heap >> 20, first, again);
    run.lookUp();
    run.scan();
    run.decide();
  }

  private static long usedHeap() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  private void addStores() {
    long now = clock.monotonicNanos();
    for (long id = 1; id <= STORES; id++) {
      Store store =
          Store.newBuilder().setId(id).setAddress("store-" + id).setVersion("8.5.0").build();
      loop.offer(new ClusterCommand.StorePut(StoreInfo.of(store, now, now)));
      loop.offer(
          new ClusterCommand.StoreReport(
              StoreStats.newBuilder()
                  .setStoreId(id)
                  .setCapacity(100_000 * GIB)
                  .setAvailable(90_000 * GIB)
                  .build(),
              now));
    }
    loop.turn();
  }

  private static ByteString key(long region) {
    return ByteString.copyFromUtf8("t%018d_r".formatted(region));
  }

  private RegionHeartbeatRequest report(long id, int round) {
    Region.Builder region =
        Region.newBuilder()
            .setId(id)
            .setStartKey(id == 1 ? ByteString.EMPTY : key(id))
            .setEndKey(id == regions ? ByteString.EMPTY : key(id + 1))
            .setRegionEpoch(RegionEpoch.newBuilder().setConfVer(5).setVersion(9));
    for (int i = 0; i < 3; i++) {
      region.addPeers(
          Peer.newBuilder().setId(id * 10 + i).setStoreId(1 + (id * 7 + i * 11L) % STORES));
    }
    return RegionHeartbeatRequest.newBuilder()
        .setRegion(region)
        .setLeader(region.getPeers(0))
        .setTerm(6)
        .setApproximateSize(90L << 20)
        .setApproximateKeys(900_000 + round)
        .setBytesWritten(id % 1000)
        .setKeysWritten(id % 10)
        .setQueryStats(QueryStats.newBuilder().setPut(id % 10))
        .setInterval(TimeInterval.newBuilder().setStartTimestamp(0).setEndTimestamp(60))
        .build();
  }

  /** Reports per second that the loop takes in; making them is not counted. */
  private double reportAll(int round) {
    long nanos = 0;
    for (long id = 1; id <= regions; id += BATCH) {
      for (long i = id; i < Math.min(id + BATCH, regions + 1L); i++) {
        loop.offer(new ClusterCommand.RegionReport(report(i, round), order -> true, () -> {}));
      }
      long start = System.nanoTime();
      loop.turn();
      nanos += System.nanoTime() - start;
    }
    return regions / (nanos / 1e9);
  }

  private void lookUp() {
    RegionTree tree = loop.image().regions().tree();
    SplittableRandom random = new SplittableRandom(1);
    byte[][] keys = new byte[1 << 16][];
    Arrays.setAll(keys, i -> key(1 + random.nextLong(regions)).toByteArray());
    long found = 0;
    long start = 0;
    for (int round = 0; round < 6; round++) {
      start = System.nanoTime();
      for (byte[] key : keys) {
        found += tree.find(key) == null ? 0 : 1;
      }
    }
    double nanos = (double) (System.nanoTime() - start) / keys.length;
    System.out.printf("RESULT RegionScale lookup_ns=%.0f found=%d%n", nanos, found);
  }

  private void scan() {
    RegionTree tree = loop.image().regions().tree();
    SplittableRandom random = new SplittableRandom(2);
    long start = 0;
    int scans = 200;
    for (int round = 0; round < 5; round++) {
      start = System.nanoTime();
      for (int i = 0; i < scans; i++) {
        tree.scan(key(1 + random.nextLong(regions)).toByteArray(), new byte[0], SCAN);
      }
    }
    double micros = (System.nanoTime() - start) / 1e3 / scans;
    System.out.printf("RESULT RegionScale scan_regions=%d scan_us=%.0f%n", SCAN, micros);
  }

  private void decide() {
    int rounds = 2000;
    long[] nanos = new long[rounds];
    for (int i = 0; i < rounds; i++) {
      clock.advanceMillis(10);
      long start = System.nanoTime();
      loop.turn();
      nanos[i] = System.nanoTime() - start;
    }
    Arrays.sort(nanos);
    System.out.printf(
        "RESULT RegionScale decision_ms p50=%.3f p99=%.3f max=%.3f operators=%d%n",
        nanos[rounds / 2] / 1e6,
        nanos[rounds * 99 / 100] / 1e6,
        nanos[rounds - 1] / 1e6,
        scheduling.operators().all().size());
  }

  private static final class NoStorage implements RegionStorage {
    @Override
    public void load(Consumer<Region> consumer) {}

    @Override
    public void save(Region region) {}

    @Override
    public void delete(long regionId) {}

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
