package io.rutile.pd.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.rutile.pd.config.ConfigCodec;
import io.rutile.pd.config.PdConfig;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.PeerRole;
import io.rutile.proto.metapb.Region;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Small clusters: what must not happen, and what the checkers do. */
class PdSimTest {
  private static final long SEED = 42;

  private static PdConfig config(Map<String, ?> changes) {
    return ConfigCodec.patch(PdConfig.DEFAULT, changes, "");
  }

  private static void assertFullyReplicated(PdSim sim, int replicas) {
    for (Region region : sim.regions.values()) {
      assertThat(region.getPeersList())
          .as("seed " + SEED + ", " + region)
          .hasSize(replicas)
          .allMatch(peer -> peer.getRole() == PeerRole.Voter);
      assertThat(region.getPeersList().stream().map(Peer::getStoreId).collect(Collectors.toSet()))
          .hasSize(replicas);
    }
  }

  @Test
  void aLoneStoreIsLeftAlone() {
    PdSim sim = new PdSim(PdConfig.DEFAULT, SEED);
    sim.addStore(1);
    sim.addRegions(3, 1, 1);

    sim.runSeconds(60);

    assertThat(sim.orders).isZero();
    assertFullyReplicated(sim, 1);
  }

  @Test
  void makesUpReplicasWhenStoresJoin() {
    PdSim sim = new PdSim(PdConfig.DEFAULT, SEED);
    sim.addStore(1);
    sim.addRegions(10, 1, 1);
    sim.runSeconds(5);
    sim.addStore(2);
    sim.addStore(3);

    sim.runSeconds(120);

    assertFullyReplicated(sim, 3);
  }

  @Test
  void replacesTheReplicasOfADeadStore() {
    PdSim sim = new PdSim(config(Map.of("schedule", Map.of("max-store-down-time", "1m"))), SEED);
    for (long id = 1; id <= 4; id++) {
      sim.addStore(id);
    }
    sim.addRegions(20, 1, 1, 2, 3);
    sim.runSeconds(5);
    sim.dead.add(2L);

    sim.runSeconds(400);

    assertFullyReplicated(sim, 3);
    assertThat(sim.image().regions().onStore(2).regionCount()).isZero();
  }

  @Test
  void emptiesAStoreThatLeaves() {
    PdSim sim = new PdSim(PdConfig.DEFAULT, SEED);
    for (long id = 1; id <= 4; id++) {
      sim.addStore(id);
    }
    sim.addRegions(20, 1, 1, 2, 3);
    sim.runSeconds(5);
    sim.setOffline(1);

    sim.runSeconds(400);

    assertFullyReplicated(sim, 3);
    assertThat(sim.image().regions().onStore(1).regionCount()).isZero();
  }

  @Test
  void balancesRegionsOntoANewStoreWithoutPingPong() {
    PdSim sim = new PdSim(PdConfig.DEFAULT, SEED);
    for (long id = 1; id <= 3; id++) {
      sim.addStore(id);
    }
    sim.addRegions(60, 1, 1, 2, 3);
    sim.runSeconds(5);
    sim.addStore(4);

    sim.runSeconds(400);

    assertThat(sim.regionSpread().width()).isLessThanOrEqualTo(6);
    assertFullyReplicated(sim, 3);
    int before = sim.orders;
    sim.runSeconds(60);
    assertThat(sim.orders).as("a balanced cluster rests").isEqualTo(before);
  }

  @Test
  void aHandfulOfLeadersRests() {
    PdSim sim = new PdSim(PdConfig.DEFAULT, SEED);
    for (long id = 1; id <= 3; id++) {
      sim.addStore(id);
    }
    sim.addRegions(60, 1, 1, 2, 3);

    sim.runSeconds(300);

    assertThat(sim.leaderSpread().width()).isLessThanOrEqualTo(10);
    int before = sim.orders;
    sim.runSeconds(60);
    assertThat(sim.orders).as("a balanced cluster rests").isEqualTo(before);
  }

  @Test
  void keepsReplicasInDifferentZones() {
    PdSim sim =
        new PdSim(config(Map.of("replication", Map.of("location-labels", "zone,host"))), SEED);
    sim.addStore(1, "zone", "a", "host", "1");
    sim.addStore(2, "zone", "a", "host", "2");
    sim.addStore(3, "zone", "b", "host", "3");
    sim.addStore(4, "zone", "c", "host", "4");
    sim.addRegions(10, 1, 1, 2, 3);

    sim.runSeconds(300);

    for (Region region : sim.regions.values()) {
      assertThat(
              region.getPeersList().stream()
                  .map(peer -> sim.image().store(peer.getStoreId()).label("zone"))
                  .collect(Collectors.toSet()))
          .hasSize(3);
    }
  }

  @Test
  void mergesSmallRegionsOnceTheyHaveRested() {
    PdSim sim =
        new PdSim(
            config(
                Map.of(
                    "schedule",
                    Map.of(
                        "max-merge-region-size", 200,
                        "max-merge-region-keys", 2_000_000,
                        "split-merge-interval", "1m"))),
            SEED);
    for (long id = 1; id <= 3; id++) {
      sim.addStore(id);
    }
    sim.addRegions(8, 1, 1, 2, 3);
    sim.runSeconds(30);
    assertThat(sim.regions).hasSize(8);

    sim.runSeconds(400);

    assertThat(sim.regions.size()).isEqualTo(1);
    assertFullyReplicated(sim, 3);
  }

  @Test
  void scattersAGroupOverAllStores() {
    PdSim sim = new PdSim(config(Map.of("schedule", Map.of("region-schedule-limit", 0))), SEED);
    for (long id = 1; id <= 6; id++) {
      sim.addStore(id);
    }
    sim.addRegions(12, 1, 1, 2, 3);
    sim.runSeconds(3);
    for (long id = 1; id <= 12; id++) {
      assertThat(sim.scheduling.scatter(sim.image(), id, "g")).isNull();
    }

    sim.runSeconds(120);

    assertFullyReplicated(sim, 3);
    assertThat(sim.regionSpread().width()).isLessThanOrEqualTo(2);
    assertThat(sim.leaderSpread().width()).isLessThanOrEqualTo(2);
  }
}
