package io.rutile.verify.workload;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.stub.ClientCalls;
import io.rutile.base.clock.Clock;
import io.rutile.client.kv.KeyMode;
import io.rutile.client.kv.RawClient;
import io.rutile.client.kv.TxnClient;
import io.rutile.client.pd.GrpcPdClient;
import io.rutile.client.pd.PdClient;
import io.rutile.client.pd.RegionInfo;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.SplitRegionRequest;
import io.rutile.proto.kvrpcpb.SplitRegionResponse;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.PeerRole;
import io.rutile.proto.metapb.Store;
import io.rutile.proto.tikvpb.TikvGrpc;
import io.rutile.rpc.channel.ChannelOptions;
import io.rutile.rpc.channel.ChannelPool;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A client's connections to one cluster. Safe for use by any thread. */
public final class Connections implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final long SPLIT_SECONDS_MAX = 10;

  private final ChannelPool channels = new ChannelPool(ChannelOptions.DEFAULT);
  private final GrpcPdClient pd;
  private final RawClient raw;
  private final TxnClient txn;

  public Connections(String pdEndpoint) {
    this(List.of(pdEndpoint));
  }

  public Connections(List<String> pdEndpoints) {
    this.pd = GrpcPdClient.connect(channels, pdEndpoints, Clock.system(), PATIENCE);
    this.raw = new RawClient(channels, pd, KeyMode.RAW_V1, Clock.system());
    this.txn = new TxnClient(channels, pd, KeyMode.TXN_V1, Clock.system());
  }

  public RawClient raw() {
    return raw;
  }

  public TxnClient txn() {
    return txn;
  }

  public List<RegionInfo> regions() {
    return PdClient.await(pd.scanRegions(new byte[0], new byte[0], 0));
  }

  /** The store that leads the region of a raw key. */
  public Optional<Long> leaderStoreOf(byte[] rawKey) {
    return PdClient.await(pd.getRegion(rawKey))
        .map(RegionInfo::leader)
        .map(Peer::getStoreId)
        .filter(id -> id != 0);
  }

  /** The id of the store that is known under an address. */
  public long storeAt(String address) {
    for (Store store : PdClient.await(pd.getAllStores(false))) {
      if (store.getAddress().equals(address)) {
        return store.getId();
      }
    }
    throw new IllegalStateException("PD knows no store at " + address);
  }

  /** Whether every region has {@code replicas} voters and nothing else, none of them behind. */
  public boolean replicated(int replicas) {
    List<RegionInfo> regions = regions();
    return !regions.isEmpty()
        && regions.stream()
            .allMatch(region ->
                region.region().getPeersCount() == replicas
                    && region.region().getPeersList().stream()
                        .allMatch(peer -> peer.getRole() == PeerRole.Voter)
                    && region.pendingPeers().isEmpty()
                    && region.downPeers().isEmpty());
  }

  /** Splits the region of a raw key at it; false when the store refused, for another try. */
  public boolean split(byte[] rawKey) {
    RegionInfo region = PdClient.await(pd.getRegion(rawKey)).orElse(null);
    if (region == null) {
      return false;
    }
    Peer leader = region.leader();
    if (leader == null || leader.getStoreId() == 0) {
      return false;
    }
    if (Arrays.equals(region.region().getStartKey().toByteArray(), rawKey)) {
      return true;
    }
    Store store = PdClient.await(pd.getStore(leader.getStoreId()));
    SplitRegionResponse response =
        ClientCalls.blockingUnaryCall(
            channels.channel(store.getAddress()),
            TikvGrpc.getSplitRegionMethod(),
            CallOptions.DEFAULT.withDeadlineAfter(SPLIT_SECONDS_MAX, TimeUnit.SECONDS),
            SplitRegionRequest.newBuilder()
                .setContext(
                    Context.newBuilder()
                        .setRegionId(region.region().getId())
                        .setRegionEpoch(region.region().getRegionEpoch())
                        .setPeer(leader))
                .addSplitKeys(ByteString.copyFrom(rawKey))
                .setIsRawKv(true)
                .build());
    return !response.hasRegionError();
  }

  @Override
  public void close() {
    pd.close();
    channels.close();
  }
}
