package io.rutile.bench.raft;

import io.rutile.base.clock.Clock;
import io.rutile.proto.eraftpb.ConfChangeType;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.PeerRole;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.pdpb.ChangePeer;
import io.rutile.proto.pdpb.RegionHeartbeatRequest;
import io.rutile.proto.pdpb.RegionHeartbeatResponse;
import io.rutile.proto.pdpb.TransferLeader;
import io.rutile.rpc.channel.ChannelOptions;
import io.rutile.rpc.channel.ChannelPool;
import io.rutile.rpc.netty.EventLoops;
import io.rutile.store.RaftstoreConfig;
import io.rutile.store.Store;
import io.rutile.store.testing.SimPd;
import io.rutile.txn.gate.RegionContext;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Some stores, every region on all of them, leaders spread. Used by one thread. */
final class RaftCluster implements AutoCloseable {
  private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(3);
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final int SPLIT_KEYS = 256;

  /** One region with where to write to it. */
  record Target(RegionContext context, Store store, byte[] keyPrefix) {}

  private final Clock clock = Clock.system();
  private final SimPd pd = new SimPd(clock);
  private final ChannelPool channels = new ChannelPool(ChannelOptions.DEFAULT);
  private final EventLoops loops = EventLoops.create("bench-rpc", 2);
  private final List<BenchStore> stores = new ArrayList<>();

  RaftCluster(Path directory, int count, RaftstoreConfig config) throws IOException {
    for (int i = 0; i < count; i++) {
      stores.add(new BenchStore(directory.resolve("store-" + i), pd, channels, loops, config));
    }
  }

  /** Makes so many regions, each with a leader on another store than the one before. */
  void populate(int regions) {
    await("a first leader", () -> pd.reports().size() == 1);
    long first = pd.reports().getFirst().getRegion().getId();
    for (BenchStore store : stores) {
      long storeId = store.store().storeId();
      if (peerOn(first, storeId) == null) {
        add(first, storeId);
      }
    }
    for (int made = 1; made < regions; made += SPLIT_KEYS) {
      split(made, Math.min(regions, made + SPLIT_KEYS));
    }
    await("reports of all regions", () -> pd.reports().size() == regions);
    spreadLeaders();
  }

  private void add(long region, long storeId) {
    Peer learner =
        Peer.newBuilder().setId(pd.allocId()).setStoreId(storeId).setRole(PeerRole.Learner).build();
    change(region, ConfChangeType.AddLearnerNode, learner, () -> peerOn(region, storeId) != null);
    await("the data on store " + storeId, () -> report(region).getPendingPeersCount() == 0);
    change(
        region,
        ConfChangeType.AddNode,
        learner,
        () -> {
          Peer peer = peerOn(region, storeId);
          return peer != null && peer.getRole() == PeerRole.Voter;
        });
  }

  private void change(long region, ConfChangeType type, Peer peer, BooleanSupplier done) {
    await(
        "a change of members",
        () -> {
          if (done.getAsBoolean()) {
            return true;
          }
          pd.order(
              region,
              RegionHeartbeatResponse.newBuilder()
                  .setChangePeer(ChangePeer.newBuilder().setChangeType(type).setPeer(peer)));
          LockSupport.parkNanos(10 * LOOK_NANOS);
          return done.getAsBoolean();
        });
  }

  private RegionHeartbeatRequest report(long region) {
    RegionHeartbeatRequest found = pd.report(region);
    if (found == null) {
      throw new IllegalStateException("nobody leads region " + region);
    }
    return found;
  }

  private @Nullable Peer peerOn(long region, long storeId) {
    for (Peer peer : report(region).getRegion().getPeersList()) {
      if (peer.getStoreId() == storeId) {
        return peer;
      }
    }
    return null;
  }

  private static byte[] key(int region) {
    return ByteBuffer.allocate(4).putInt(region).array();
  }

  private void split(int from, int to) {
    List<byte[]> keys = new ArrayList<>();
    for (int i = from; i < to; i++) {
      keys.add(key(i));
    }
    await(
        "a split",
        () -> {
          RegionHeartbeatRequest last = pd.locate(key(to));
          if (last == null) {
            return false;
          }
          CompletableFuture<List<Region>> done =
              storeOf(last.getLeader())
                  .splitRegion(last.getRegion().getId(), last.getRegion().getRegionEpoch(), keys)
                  .toCompletableFuture();
          return done.handle((parts, failure) -> failure == null).join();
        });
    await("parts of a split", () -> pd.reports().size() >= to);
  }

  private Store storeOf(Peer peer) {
    for (BenchStore store : stores) {
      if (store.store().storeId() == peer.getStoreId()) {
        return store.store();
      }
    }
    throw new IllegalStateException("no store " + peer.getStoreId());
  }

  private void spreadLeaders() {
    List<RegionHeartbeatRequest> regions = pd.reports();
    for (int i = 0; i < regions.size(); i++) {
      long id = regions.get(i).getRegion().getId();
      long wanted = stores.get(i % stores.size()).store().storeId();
      await(
          "leader of region " + id,
          () -> {
            if (report(id).getLeader().getStoreId() == wanted) {
              return true;
            }
            pd.order(
                id,
                RegionHeartbeatResponse.newBuilder()
                    .setTransferLeader(TransferLeader.newBuilder().setPeer(peerOn(id, wanted))));
            return false;
          });
    }
  }

  List<Target> targets() {
    List<Target> targets = new ArrayList<>();
    for (RegionHeartbeatRequest report : pd.reports()) {
      byte[] start = report.getRegion().getStartKey().toByteArray();
      targets.add(
          new Target(
              RegionContext.of(
                  Context.newBuilder()
                      .setRegionId(report.getRegion().getId())
                      .setRegionEpoch(report.getRegion().getRegionEpoch())
                      .setPeer(report.getLeader())
                      .build()),
              storeOf(report.getLeader()),
              start.length == 0 ? key(0) : start));
    }
    return targets;
  }

  /** Waits until every peer of every region sleeps. */
  void awaitSleep() {
    await(
        "sleep",
        () ->
            stores.stream()
                .allMatch(store ->
                    store.store().regions().stream().allMatch(region -> region.hibernating())));
  }

  private void await(String what, BooleanSupplier condition) {
    long end = clock.monotonicNanos() + PATIENCE_NANOS;
    while (!condition.getAsBoolean()) {
      if (clock.monotonicNanos() - end > 0) {
        throw new IllegalStateException("waited in vain for " + what);
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  @Override
  public void close() {
    stores.forEach(BenchStore::close);
    channels.close();
    loops.close();
  }
}
