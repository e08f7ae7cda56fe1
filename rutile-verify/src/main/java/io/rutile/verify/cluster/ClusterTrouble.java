package io.rutile.verify.cluster;

import io.rutile.proto.eraftpb.ConfChangeType;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.PeerRole;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.pdpb.ChangePeer;
import io.rutile.proto.pdpb.ChangePeerV2;
import io.rutile.proto.pdpb.RegionHeartbeatRequest;
import io.rutile.proto.pdpb.RegionHeartbeatResponse;
import io.rutile.proto.pdpb.TransferLeader;
import io.rutile.store.heartbeat.DiskSpace;
import io.rutile.store.testing.SimCluster;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What befalls the cluster: stores crash, stand still and fill up, links break, and the placement
 * driver splits regions, moves replicas and hands leadership over.
 */
final class ClusterTrouble {
  private static final int REPLICAS = 3;
  private static final int MAX_REGIONS = 10;

  private final SimWorld world;
  private final SimCluster cluster;
  private final SplittableRandom random;
  private boolean mended;

  ClusterTrouble(SimWorld world, SplittableRandom random) {
    this.world = world;
    this.cluster = world.cluster;
    this.random = random;
  }

  /** Plays trouble until the time is over, then mends everything. */
  void run(long untilNanos) {
    while (world.now() < untilNanos) {
      world.run(Math.min(untilNanos, world.now() + random.nextLong(4 * SimWorld.SECOND)));
      if (random.nextInt(3) == 0) {
        mendSome();
      } else {
        play(random.nextInt(12));
      }
      keepReplicas();
    }
    mendAll();
  }

  private void play(int kind) {
    int store = random.nextInt(cluster.size());
    switch (kind) {
      case 0, 1 -> crash(store);
      case 2 -> {
        if (random.nextInt(4) == 0) {
          world.probes.hit("all stores crashed");
          for (int i = 0; i < cluster.size(); i++) {
            crash(i);
          }
        }
      }
      case 3 -> {
        if (cluster.isUp(store)) {
          world.probes.hit("store paused");
          cluster.pause(store);
        }
      }
      case 4 -> {
        world.probes.hit("link cut one way");
        cluster.network().cut(cluster.storeId(store), anotherStore(store));
      }
      case 5 -> {
        world.probes.hit("link cut both ways");
        cluster.network().cutBoth(cluster.storeId(store), anotherStore(store));
      }
      case 6 -> cluster.network().disturb(random.nextDouble() / 10, random.nextDouble() / 10);
      case 7 -> {
        world.probes.hit("disk filled");
        cluster
            .disk(store)
            .fill(
                random.nextBoolean() ? DiskSpace.Usage.ALMOST_FULL : DiskSpace.Usage.ALREADY_FULL);
      }
      case 8, 9 -> split();
      case 10 -> transfer();
      default -> move();
    }
  }

  private long anotherStore(int store) {
    int other = (store + 1 + random.nextInt(cluster.size() - 1)) % cluster.size();
    return cluster.storeId(other);
  }

  private void crash(int store) {
    if (cluster.isUp(store)) {
      world.probes.hit("store crashed");
      cluster.crash(store);
    }
  }

  private void mendSome() {
    cluster.network().heal();
    for (int i = 0; i < cluster.size(); i++) {
      if (random.nextBoolean()) {
        mend(i);
      }
    }
  }

  private void mendAll() {
    mended = true;
    cluster.network().heal();
    for (int i = 0; i < cluster.size(); i++) {
      mend(i);
    }
  }

  private void mend(int store) {
    cluster.resume(store);
    cluster.disk(store).fill(DiskSpace.Usage.NORMAL);
    if (!cluster.isUp(store)) {
      cluster.start(store);
    }
  }

  /**
   * After the trouble: runs until every region has three voters and nothing else; false when that
   * does not come true in time.
   */
  boolean runUntilWhole(long untilNanos) {
    while (!whole()) {
      if (world.now() >= untilNanos) {
        return false;
      }
      keepReplicas();
      world.run(world.now() + SimWorld.SECOND);
    }
    return true;
  }

  private boolean whole() {
    return cluster.pd().reports().stream()
        .allMatch(report ->
            report.getPendingPeersCount() == 0
                && report.getRegion().getPeersCount() == REPLICAS
                && report.getRegion().getPeersList().stream()
                    .allMatch(peer -> peer.getRole() == PeerRole.Voter));
  }

  // What the placement driver orders.

  private RegionHeartbeatRequest anyRegion() {
    List<RegionHeartbeatRequest> regions = cluster.pd().reports();
    return regions.get(random.nextInt(regions.size()));
  }

  private void split() {
    if (cluster.pd().reports().size() >= MAX_REGIONS) {
      return;
    }
    byte[] key = {(byte) ('a' + random.nextInt(26)), (byte) random.nextInt(128)};
    RegionHeartbeatRequest where = cluster.pd().locate(key);
    if (where == null) {
      return;
    }
    int store = cluster.indexOf(where.getLeader().getStoreId());
    if (cluster.isUp(store) && !cluster.isPaused(store)) {
      cluster
          .store(store)
          .splitRegion(where.getRegion().getId(), where.getRegion().getRegionEpoch(), List.of(key))
          .whenComplete((parts, failure) -> {
            if (failure == null) {
              world.probes.hit("region split");
            }
          });
    }
  }

  private void transfer() {
    RegionHeartbeatRequest at = anyRegion();
    List<Peer> peers = at.getRegion().getPeersList();
    Peer target = peers.get(random.nextInt(peers.size()));
    if (target.getRole() == PeerRole.Voter && target.getId() != at.getLeader().getId()) {
      world.probes.hit("leadership handed over");
      order(
          at,
          RegionHeartbeatResponse.newBuilder()
              .setTransferLeader(TransferLeader.newBuilder().setPeer(target)));
    }
  }

  /** Brings a fourth replica in, or swaps two in one joint step. */
  private void move() {
    RegionHeartbeatRequest at = anyRegion();
    Region region = at.getRegion();
    List<Long> free = freeStores(region);
    if (free.isEmpty()) {
      return;
    }
    Peer learner =
        Peer.newBuilder()
            .setId(cluster.pd().allocId())
            .setStoreId(free.get(random.nextInt(free.size())))
            .setRole(PeerRole.Learner)
            .build();
    world.probes.hit("learner added");
    order(at, single(ConfChangeType.AddLearnerNode, learner));
  }

  private List<Long> freeStores(Region region) {
    List<Long> free = new ArrayList<>();
    for (int i = 0; i < cluster.size(); i++) {
      long id = cluster.storeId(i);
      if (region.getPeersList().stream().noneMatch(peer -> peer.getStoreId() == id)) {
        free.add(id);
      }
    }
    return free;
  }

  /** One step for each region towards three voters and nothing else. */
  void keepReplicas() {
    for (RegionHeartbeatRequest at : cluster.pd().reports()) {
      Region region = at.getRegion();
      boolean joint =
          region.getPeersList().stream()
              .anyMatch(peer ->
                  peer.getRole() == PeerRole.IncomingVoter
                      || peer.getRole() == PeerRole.DemotingVoter);
      if (joint) {
        order(
            at,
            RegionHeartbeatResponse.newBuilder()
                .setChangePeerV2(ChangePeerV2.getDefaultInstance()));
      } else {
        keepReplicas(at, region);
      }
    }
  }

  private void keepReplicas(RegionHeartbeatRequest at, Region region) {
    List<Peer> voters = new ArrayList<>();
    List<Peer> learners = new ArrayList<>();
    for (Peer peer : region.getPeersList()) {
      (peer.getRole() == PeerRole.Voter ? voters : learners).add(peer);
    }
    List<Peer> others = new ArrayList<>(voters);
    others.removeIf(peer -> peer.getId() == at.getLeader().getId());
    if (!learners.isEmpty()) {
      Peer learner = learners.getFirst();
      boolean ready =
          at.getPendingPeersList().stream().noneMatch(p -> p.getId() == learner.getId());
      int dice = mended ? 0 : random.nextInt(3);
      if (voters.size() >= REPLICAS && dice == 0) {
        order(at, single(ConfChangeType.RemoveNode, learner));
      } else if (ready && voters.size() >= REPLICAS && dice == 1) {
        swap(at, learner, others.get(random.nextInt(others.size())));
      } else if (ready) {
        world.probes.hit("learner promoted");
        order(at, single(ConfChangeType.AddNode, learner));
      }
    } else if (voters.size() < REPLICAS) {
      List<Long> free = freeStores(region);
      Peer learner =
          Peer.newBuilder()
              .setId(cluster.pd().allocId())
              .setStoreId(free.getFirst())
              .setRole(PeerRole.Learner)
              .build();
      world.probes.hit("learner added");
      order(at, single(ConfChangeType.AddLearnerNode, learner));
    } else if (voters.size() > REPLICAS) {
      world.probes.hit("voter removed");
      order(at, single(ConfChangeType.RemoveNode, others.get(random.nextInt(others.size()))));
    }
  }

  private void swap(RegionHeartbeatRequest at, Peer in, Peer out) {
    world.probes.hit("joint change");
    order(
        at,
        RegionHeartbeatResponse.newBuilder()
            .setChangePeerV2(
                ChangePeerV2.newBuilder()
                    .addChanges(change(ConfChangeType.AddNode, in))
                    .addChanges(
                        change(
                            ConfChangeType.AddLearnerNode,
                            out.toBuilder().setRole(PeerRole.Learner).build()))));
  }

  private static ChangePeer change(ConfChangeType type, Peer peer) {
    return ChangePeer.newBuilder().setChangeType(type).setPeer(peer).build();
  }

  private static RegionHeartbeatResponse.Builder single(ConfChangeType type, Peer peer) {
    return RegionHeartbeatResponse.newBuilder().setChangePeer(change(type, peer));
  }

  private void order(RegionHeartbeatRequest at, RegionHeartbeatResponse.Builder order) {
    if (cluster.isUp(cluster.indexOf(at.getLeader().getStoreId()))) {
      cluster.pd().order(at.getRegion().getId(), order);
    }
  }
}
