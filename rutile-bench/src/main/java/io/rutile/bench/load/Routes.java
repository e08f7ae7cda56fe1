package io.rutile.bench.load;

import io.rutile.base.bytes.Bytes;
import io.rutile.base.codec.MemComparable;
import io.rutile.client.pd.PdClient;
import io.rutile.client.pd.RegionInfo;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.RegionEpoch;
import io.rutile.proto.metapb.Store;
import io.rutile.rpc.channel.ChannelPool;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Where keys are: an immutable table of all regions, read from PD and replaced whole when a store
 * says that it is out of date. Any thread may call.
 */
final class Routes {
  /** A region's leader and the context that its requests carry. */
  record Route(String address, Context context) {}

  private final @Nullable PdClient pd;
  private final LoadConfig.Mode mode;
  private volatile TreeMap<byte[], Route> table;
  private @Nullable CompletableFuture<Void> refresh;

  private Routes(@Nullable PdClient pd, LoadConfig.Mode mode, TreeMap<byte[], Route> table) {
    this.pd = pd;
    this.mode = mode;
    this.table = table;
  }

  /** Everything at one address, as at the echo server, with contexts as large as a store's. */
  static Routes to(String address, LoadConfig.Mode mode) {
    TreeMap<byte[], Route> table = new TreeMap<>(Bytes.ORDER);
    Context context =
        Context.newBuilder()
            .setRegionId(2)
            .setRegionEpoch(RegionEpoch.newBuilder().setConfVer(1).setVersion(1))
            .setPeer(Peer.newBuilder().setId(3).setStoreId(1))
            .build();
    table.put(Bytes.EMPTY, new Route(address, context));
    return new Routes(null, mode, table);
  }

  static Routes of(PdClient pd, LoadConfig.Mode mode) {
    Routes routes = new Routes(pd, mode, new TreeMap<>(Bytes.ORDER));
    PdClient.await(routes.refresh());
    return routes;
  }

  /** The route of a key; null when the table has no leader for it. */
  @Nullable Route of(byte[] key) {
    byte[] encoded = mode == LoadConfig.Mode.TXN ? MemComparable.encode(key) : key;
    Map.Entry<byte[], Route> entry = table.floorEntry(encoded);
    return entry == null ? null : entry.getValue();
  }

  /** Those of ascending keys, of which the first is in that region, that are in it too. */
  byte[][] within(Route route, byte[][] keys) {
    int count = 1;
    while (count < keys.length && route.equals(of(keys[count]))) {
      count++;
    }
    return count == keys.length ? keys : Arrays.copyOf(keys, count);
  }

  int regions() {
    return table.size();
  }

  /** Reads the table anew; callers that come meanwhile share the reading. */
  synchronized CompletionStage<Void> refresh() {
    if (pd == null) {
      return CompletableFuture.completedFuture(null);
    }
    if (refresh == null || refresh.isDone()) {
      refresh =
          pd.getAllStores(true)
              .thenCombine(pd.scanRegions(Bytes.EMPTY, Bytes.EMPTY, 0), Routes::table)
              .thenAccept(read -> table = read);
    }
    return refresh;
  }

  private static TreeMap<byte[], Route> table(List<Store> stores, List<RegionInfo> regions) {
    Map<Long, String> addresses = new HashMap<>();
    for (Store store : stores) {
      addresses.put(store.getId(), ChannelPool.withoutScheme(store.getAddress()));
    }
    TreeMap<byte[], Route> table = new TreeMap<>(Bytes.ORDER);
    for (RegionInfo info : regions) {
      Peer leader = info.leader() == null ? info.region().getPeers(0) : info.leader();
      String address = addresses.get(leader.getStoreId());
      if (address != null) {
        Context context =
            Context.newBuilder()
                .setRegionId(info.region().getId())
                .setRegionEpoch(info.region().getRegionEpoch())
                .setPeer(leader)
                .build();
        table.put(info.region().getStartKey().toByteArray(), new Route(address, context));
      }
    }
    return table;
  }
}
