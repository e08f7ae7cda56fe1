package io.rutile.server.node;

import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.rutile.base.thread.Fatal;
import io.rutile.proto.eraftpb.ConfChangeType;
import io.rutile.proto.kvrpcpb.CommitRequest;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.GetRequest;
import io.rutile.proto.kvrpcpb.GetResponse;
import io.rutile.proto.kvrpcpb.Mutation;
import io.rutile.proto.kvrpcpb.Op;
import io.rutile.proto.kvrpcpb.PrewriteRequest;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.pdpb.ChangePeer;
import io.rutile.proto.pdpb.RegionHeartbeatRequest;
import io.rutile.proto.pdpb.RegionHeartbeatResponse;
import io.rutile.proto.pdpb.TransferLeader;
import io.rutile.proto.tikvpb.TikvGrpc;
import io.rutile.server.config.LiveConfig;
import io.rutile.server.config.Machine;
import io.rutile.server.config.TikvConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Several stores over real sockets and files under one Placement Driver, all with every region. */
final class StoreGroup implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(40);

  final OneMemberPd pd;
  private final List<StoreNode> nodes = new ArrayList<>();
  private final Map<Long, ManagedChannel> channels = new HashMap<>();

  /**
   * @param items configuration beside that of a small store
   */
  StoreGroup(Path directory, int stores, Map<String, String> items) throws Exception {
    pd = new OneMemberPd(81);
    Fatal fatal =
        (reason, cause) -> {
          throw new AssertionError(reason, cause);
        };
    for (int i = 0; i < stores; i++) {
      Map<String, String> all = TikvConfig.sharedMachine();
      all.put("server.addr", "127.0.0.1:0");
      all.put("server.status-addr", "127.0.0.1:0");
      all.put("storage.data-dir", directory.resolve("store" + i).toString());
      all.put("pd.endpoints", pd.endpoint());
      all.put("raftstore.raft-base-tick-interval", "100ms");
      all.put("raftstore.pd-heartbeat-tick-interval", "500ms");
      all.put("raftstore.raft-store-max-leader-lease", "800ms");
      all.putAll(items);
      TikvConfig config = TikvConfig.load(null, all, Machine.here());
      StoreNode node = StoreNode.start(new LiveConfig(config, null, level -> {}), fatal);
      nodes.add(node);
      channels.put(
          node.storeId(), NettyChannelBuilder.forTarget(node.address()).usePlaintext().build());
    }
    await().atMost(PATIENCE).until(() -> !pd.regions.isEmpty());
    for (StoreNode node : nodes) {
      addPeer(pd.anyRegion().getId(), node.storeId());
    }
  }

  private void addPeer(long regionId, long storeId) {
    if (hasPeer(regionId, storeId)) {
      return;
    }
    long peerId = pd.allocId();
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(300))
        .until(() -> {
          pd.order(
              regionId,
              RegionHeartbeatResponse.newBuilder()
                  .setChangePeer(
                      ChangePeer.newBuilder()
                          .setChangeType(ConfChangeType.AddNode)
                          .setPeer(Peer.newBuilder().setId(peerId).setStoreId(storeId))));
          return hasPeer(regionId, storeId);
        });
  }

  private boolean hasPeer(long regionId, long storeId) {
    return pd.regions.get(regionId).getRegion().getPeersList().stream()
        .anyMatch(peer -> peer.getStoreId() == storeId);
  }

  List<StoreNode> nodes() {
    return nodes;
  }

  /** What the leader of the region that holds an encoded key reported last. */
  RegionHeartbeatRequest regionOf(byte[] key) {
    return pd.regionOf(key);
  }

  long leaderStore(byte[] key) {
    return regionOf(key).getLeader().getStoreId();
  }

  /** A store that does not lead the region of {@code key}. */
  long followerStore(byte[] key) {
    return nodes.stream()
        .map(StoreNode::storeId)
        .filter(store -> store != leaderStore(key))
        .findFirst()
        .orElseThrow();
  }

  void transferLeader(byte[] key, long storeId) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(300))
        .until(() -> {
          RegionHeartbeatRequest region = regionOf(key);
          if (region.getLeader().getStoreId() == storeId) {
            return true;
          }
          pd.order(
              region.getRegion().getId(),
              RegionHeartbeatResponse.newBuilder()
                  .setTransferLeader(
                      TransferLeader.newBuilder().setPeer(peerOn(region.getRegion(), storeId))));
          return false;
        });
  }

  static Peer peerOn(Region region, long storeId) {
    return region.getPeersList().stream()
        .filter(peer -> peer.getStoreId() == storeId)
        .findFirst()
        .orElseThrow();
  }

  TikvGrpc.TikvBlockingStub tikv(long storeId) {
    return TikvGrpc.newBlockingStub(channel(storeId));
  }

  ManagedChannel channel(long storeId) {
    return channels.get(storeId);
  }

  /** The context of the region of {@code key} for its peer on that store. */
  Context.Builder context(byte[] key, long storeId) {
    Region region = regionOf(key).getRegion();
    return Context.newBuilder()
        .setRegionId(region.getId())
        .setRegionEpoch(region.getRegionEpoch())
        .setPeer(peerOn(region, storeId));
  }

  Context.Builder leader(byte[] key) {
    return context(key, leaderStore(key));
  }

  /** Prewrites one key and returns the start_ts; the lock stands until {@link #commit}. */
  long prewrite(byte[] key, String value) {
    long start = pd.timestamp();
    PrewriteRequest request =
        PrewriteRequest.newBuilder()
            .setContext(leader(key))
            .addMutations(
                Mutation.newBuilder()
                    .setOp(Op.Put)
                    .setKey(ByteString.copyFrom(key))
                    .setValue(ByteString.copyFromUtf8(value)))
            .setPrimaryLock(ByteString.copyFrom(key))
            .setStartVersion(start)
            .setLockTtl(60_000)
            .build();
    var response = tikv(leaderStore(key)).kvPrewrite(request);
    if (response.hasRegionError() || response.getErrorsCount() > 0) {
      throw new AssertionError(response.toString());
    }
    return start;
  }

  long commit(byte[] key, long start) {
    long commit = pd.timestamp();
    CommitRequest request =
        CommitRequest.newBuilder()
            .setContext(leader(key))
            .addKeys(ByteString.copyFrom(key))
            .setStartVersion(start)
            .setCommitVersion(commit)
            .build();
    var response = tikv(leaderStore(key)).kvCommit(request);
    if (response.hasRegionError() || response.hasError()) {
      throw new AssertionError(response.toString());
    }
    return commit;
  }

  GetResponse get(Context.Builder context, byte[] key, long version) {
    Context built = context.build();
    return tikv(built.getPeer().getStoreId())
        .kvGet(
            GetRequest.newBuilder()
                .setContext(built)
                .setKey(ByteString.copyFrom(key))
                .setVersion(version)
                .build());
  }

  @Override
  public void close() throws Exception {
    channels.values().forEach(ManagedChannel::shutdownNow);
    nodes.forEach(StoreNode::close);
    pd.close();
  }
}
