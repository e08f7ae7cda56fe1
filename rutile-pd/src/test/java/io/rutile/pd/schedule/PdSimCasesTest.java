package io.rutile.pd.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.rutile.pd.config.ConfigCodec;
import io.rutile.pd.config.PdConfig;
import io.rutile.pd.core.StoreInfo;
import io.rutile.pd.schedule.PdSim.Traffic;
import io.rutile.pd.schedule.placement.SimRules;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.PeerRole;
import io.rutile.proto.metapb.Region;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * The named cases of PD's own simulator, on 10 to 100 stores: each converges within a bound and
 * then rests, no region ever loses its quorum (the simulation itself checks that at each change of
 * members), and no peer that was brought is taken away again.
 */
class PdSimCasesTest {
  private static final long SEED = Long.getLong("rutile.seed", 42);
  private static final String[] ZONES = {"a", "b", "c", "d", "e"};

  private static PdSim sim(int stores, Map<String, ?> schedule, Map<String, ?> replication) {
    PdSim sim =
        new PdSim(
            ConfigCodec.patch(
                PdConfig.DEFAULT, Map.of("schedule", schedule, "replication", replication), ""),
            SEED);
    for (long id = 1; id <= stores; id++) {
      sim.addStore(id, "zone", ZONES[(int) (id % ZONES.length)], "host", "h" + id);
    }
    return sim;
  }

  private static long[] stores(long first, long last) {
    return LongStream.rangeClosed(first, last).toArray();
  }

  private static void runUntil(PdSim sim, int maxSeconds, BooleanSupplier done) {
    for (int second = 0; second < maxSeconds && !done.getAsBoolean(); second += 10) {
      sim.runSeconds(10);
    }
    assertThat(done.getAsBoolean()).as("converged within %d s, seed %d", maxSeconds, SEED).isTrue();
  }

  private static void result(PdSim sim, String name, Object spread) {
    System.out.printf(
        "RESULT PdSim case=%s stores=%d regions=%d seconds=%d steps=%d spread=%s seed=%d%n",
        name,
        sim.image().liveStores().size(),
        sim.regions.size(),
        (sim.clock.wallMillis() - 1_700_000_000_000L) / 1000,
        sim.orders,
        spread,
        SEED);
  }

  /** Goes on until nothing has moved for a minute, which must come soon. */
  private static void assertRests(PdSim sim) {
    int before = -1;
    for (int minute = 0; minute < 20 && before != sim.orders; minute++) {
      before = sim.orders;
      sim.runSeconds(60);
    }
    assertThat(sim.orders).as("a balanced cluster rests, seed %d", SEED).isEqualTo(before);
    assertThat(sim.pingPongs).as("peers brought and taken away again, seed %d", SEED).isZero();
  }

  private static boolean isReplicated(PdSim sim, int voters) {
    return sim.regions.values().stream()
        .allMatch(region ->
            region.getPeersList().size() == voters
                && region.getPeersList().stream().allMatch(p -> p.getRole() == PeerRole.Voter));
  }

  @Test
  void balanceLeader() {
    PdSim sim = sim(10, Map.of(), Map.of());
    for (int i = 0; i < 300; i++) {
      sim.addRegions(1, i + 1, 1, 2 + i % 9, 2 + (i + 1) % 9);
    }

    runUntil(sim, 900, () -> sim.leaderSpread().width() <= 10);

    assertRests(sim);
    result(sim, "balance-leader", sim.leaderSpread());
  }

  @Test
  void balanceRegion() {
    PdSim sim = sim(100, Map.of(), Map.of());
    sim.spreadRegions(600, 3, stores(1, 50));

    runUntil(sim, 1500, () -> sim.regionSpread().width() <= 6);

    assertRests(sim);
    assertThat(isReplicated(sim, 3)).isTrue();
    result(sim, "balance-region", sim.regionSpread());
  }

  @Test
  void scaleOut() {
    PdSim sim = sim(3, Map.of(), Map.of());
    sim.spreadRegions(120, 3, 1, 2, 3);
    sim.runSeconds(20);
    sim.addStore(4, "zone", "e", "host", "h4");

    runUntil(sim, 1800, () -> sim.regionSpread().width() <= 9 && sim.leaderSpread().width() <= 10);

    assertRests(sim);
    assertThat(isReplicated(sim, 3)).isTrue();
    result(sim, "scale-out", sim.regionSpread());
  }

  @Test
  void scaleIn() {
    PdSim sim = sim(12, Map.of(), Map.of());
    sim.spreadRegions(120, 3, stores(1, 12));
    sim.runSeconds(20);
    sim.setOffline(3);
    sim.setOffline(7);

    runUntil(
        sim,
        1500,
        () ->
            sim.image().regions().onStore(3).regionCount() == 0
                && sim.image().regions().onStore(7).regionCount() == 0
                && isReplicated(sim, 3));

    result(sim, "scale-in", sim.regionSpread());
  }

  @Test
  void makeUpForADownReplica() {
    PdSim sim = sim(10, Map.of("max-store-down-time", "1m"), Map.of());
    sim.spreadRegions(100, 3, stores(1, 10));
    sim.runSeconds(20);
    sim.dead.add(5L);

    runUntil(
        sim,
        1500,
        () -> sim.image().regions().onStore(5).regionCount() == 0 && isReplicated(sim, 3));

    result(sim, "makeup-down-replica", sim.regionSpread());
  }

  @Test
  void regionMerge() {
    PdSim sim =
        sim(
            10,
            Map.of(
                "max-merge-region-size", 200,
                "max-merge-region-keys", 2_000_000,
                "split-merge-interval", "30s"),
            Map.of());
    sim.spreadRegions(64, 3, stores(1, 10));

    runUntil(sim, 1800, () -> sim.regions.size() == 1);

    assertThat(isReplicated(sim, 3)).isTrue();
    result(sim, "region-merge", sim.regions.size());
  }

  private static Set<String> zones(PdSim sim, Region region) {
    return region.getPeersList().stream()
        .map(peer -> zone(sim, peer.getStoreId()))
        .collect(Collectors.toSet());
  }

  private static String zone(PdSim sim, long storeId) {
    StoreInfo store = sim.image().store(storeId);
    return store == null ? "" : store.label("zone");
  }

  @Test
  void labelIsolation() {
    PdSim sim =
        sim(20, Map.of(), Map.of("location-labels", "zone,host", "isolation-level", "zone"));
    sim.spreadRegions(100, 3, 5, 10, 15, 20, 1, 6);

    runUntil(
        sim,
        1500,
        () -> sim.regions.values().stream().allMatch(region -> zones(sim, region).size() == 3));

    assertThat(isReplicated(sim, 3)).isTrue();
    result(sim, "label-isolation", sim.regionSpread());
  }

  @Test
  void ruleChange() {
    PdSim sim = sim(10, Map.of(), Map.of());
    sim.spreadRegions(60, 3, stores(1, 10));
    sim.runSeconds(60);
    sim.rules = SimRules.leaderInZoneWithLearner("b", "d", "00000020x", "00000040x");

    runUntil(sim, 1800, () -> isPlacedByRules(sim));

    assertThat(sim.regions).hasSize(62);
    result(sim, "rule-change", sim.regionSpread());
  }

  /** In the range: leader in zone b, two followers elsewhere, a learner in zone d. */
  private static boolean isPlacedByRules(PdSim sim) {
    for (Region region : sim.regions.values()) {
      boolean inside =
          region.getStartKey().toStringUtf8().compareTo("00000020x") >= 0
              && !region.getEndKey().isEmpty()
              && region.getEndKey().toStringUtf8().compareTo("00000040x") <= 0;
      long learners =
          region.getPeersList().stream()
              .filter(p -> p.getRole() == PeerRole.Learner && zone(sim, p.getStoreId()).equals("d"))
              .count();
      long voters = region.getPeersList().stream().filter(PdSimCasesTest::votes).count();
      boolean led = zone(sim, sim.leaders.get(region.getId())).equals("b");
      if (voters != 3 || learners != (inside ? 1 : 0) || (inside && !led)) {
        return false;
      }
    }
    return sim.regions.size() == 62;
  }

  private static boolean votes(Peer peer) {
    return peer.getRole() == PeerRole.Voter;
  }

  @Test
  void slowStore() {
    PdSim sim = sim(10, Map.of(), Map.of());
    sim.spreadRegions(100, 3, stores(1, 10));
    sim.runSeconds(20);
    sim.slowScores.put(4L, 100L);

    runUntil(sim, 600, () -> sim.image().regions().onStore(4).leaderCount() == 0);
    int steps = sim.orders;
    sim.runSeconds(60);
    assertThat(sim.image().regions().onStore(4).leaderCount()).isZero();

    sim.slowScores.put(4L, 1L);
    runUntil(sim, 900, () -> sim.image().regions().onStore(4).leaderCount() > 0);
    assertThat(steps).isPositive();
    result(sim, "slow-store", sim.leaderSpread());
  }

  @Test
  void hotRead() {
    PdSim sim = sim(10, Map.of(), Map.of());
    sim.spreadRegions(100, 3, stores(1, 10));
    for (long region = 1; region <= 100; region += 10) {
      sim.traffic.put(region, new Traffic(10 << 20, 10_000, 10_000, 0, 0));
    }
    assertThat(sim.readSpread().width()).isEqualTo(100L << 20);

    runUntil(sim, 1800, () -> sim.readSpread().width() <= 10 << 20);

    assertRests(sim);
    result(sim, "hot-read", sim.readSpread());
  }

  @Test
  void hotWrite() {
    PdSim sim = sim(10, Map.of(), Map.of());
    sim.spreadRegions(100, 3, stores(1, 10));
    for (long region = 1; region <= 100; region += 5) {
      sim.traffic.put(region, new Traffic(0, 0, 0, 4 << 20, 4_000));
    }
    long before = sim.writeSpread().width();

    runUntil(sim, 2400, () -> sim.writeSpread().width() <= 8 << 20);

    assertThat(before).isGreaterThan(24 << 20);
    assertRests(sim);
    result(sim, "hot-write", sim.writeSpread());
  }
}
