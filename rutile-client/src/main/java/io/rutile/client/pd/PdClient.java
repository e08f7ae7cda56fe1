package io.rutile.client.pd;

import io.rutile.proto.keyspacepb.KeyspaceMeta;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.metapb.Store;
import io.rutile.proto.pdpb.BootstrapResponse;
import io.rutile.proto.pdpb.GetMembersResponse;
import io.rutile.proto.pdpb.GetOperatorResponse;
import io.rutile.proto.pdpb.GlobalConfigItem;
import io.rutile.proto.pdpb.PutStoreResponse;
import io.rutile.proto.pdpb.ScatterRegionResponse;
import io.rutile.proto.pdpb.SplitID;
import io.rutile.proto.pdpb.SplitReason;
import io.rutile.proto.pdpb.StoreHeartbeatRequest;
import io.rutile.proto.pdpb.StoreHeartbeatResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/**
 * What stores and clients ask of the Placement Driver. Calls go to the leader and are repeated,
 * with back-off, while there is none, until the request timeout; a stage then fails with {@link
 * PdException} and with nothing else. Keys are the encoded ones that stores use. Safe for use by
 * any thread; no method blocks, see {@link #await} for code that may.
 */
public interface PdClient extends AutoCloseable {
  /** The cluster that the endpoints belong to; never zero. */
  long clusterId();

  /** Where the leader is believed to be, {@code host:port}. */
  String leaderAddress();

  /** One timestamp. Concurrent callers share requests. */
  CompletableFuture<Long> tso();

  /** {@code count} consecutive timestamps. */
  CompletableFuture<TsoRange> tsoBatch(int count);

  /** A block of {@code count} new ids: the first one. */
  CompletableFuture<Long> allocId(int count);

  CompletableFuture<Boolean> isBootstrapped();

  /** Founds the cluster; {@link PdException.Kind#ALREADY_BOOTSTRAPPED} when another store did. */
  CompletableFuture<BootstrapResponse> bootstrap(Store store, Region region);

  CompletableFuture<GetMembersResponse> members();

  CompletableFuture<PutStoreResponse> putStore(Store store);

  CompletableFuture<Store> getStore(long storeId);

  CompletableFuture<List<Store>> getAllStores(boolean excludeTombstone);

  /** Reports a store; the header is filled in here. */
  CompletableFuture<StoreHeartbeatResponse> storeHeartbeat(StoreHeartbeatRequest report);

  /** Opens the region heartbeat stream of one store. */
  RegionHeartbeats regionHeartbeats(RegionHeartbeats.Listener listener);

  /** Ids for {@code splitCount} new regions, each with one for every peer of {@code region}. */
  CompletableFuture<List<SplitID>> askBatchSplit(Region region, int splitCount, SplitReason reason);

  CompletableFuture<Void> reportBatchSplit(List<Region> regions);

  /** The region that holds {@code key}; empty while PD knows of none. */
  CompletableFuture<Optional<RegionInfo>> getRegion(byte[] key);

  /** The region before the one that holds {@code key}. */
  CompletableFuture<Optional<RegionInfo>> getPrevRegion(byte[] key);

  CompletableFuture<Optional<RegionInfo>> getRegionById(long regionId);

  /**
   * Regions from the one that holds {@code startKey}, in key order.
   *
   * @param endKey exclusive; empty for no bound
   * @param limit not positive for no limit
   */
  CompletableFuture<List<RegionInfo>> scanRegions(byte[] startKey, byte[] endKey, int limit);

  CompletableFuture<ScatterRegionResponse> scatterRegions(List<Long> regionIds, String group);

  /** The operator that PD runs or ran last on a region. */
  CompletableFuture<GetOperatorResponse> getOperator(long regionId);

  CompletableFuture<Long> getGcSafePoint();

  /** Safe points of the keyspaces that keep their own, by keyspace id. */
  CompletableFuture<Map<Integer, Long>> keyspaceGcSafePoints();

  /** Raises the safe point; the answer is the one in force, which may be another. */
  CompletableFuture<Long> updateGcSafePoint(long safePoint);

  /**
   * Keeps versions newer than {@code safePoint} for a service.
   *
   * @param ttlSeconds not positive removes the service's hold
   * @return the lowest safe point that is held: above {@code safePoint} when that came too late
   */
  CompletableFuture<Long> updateServiceGcSafePoint(
      String serviceId, long ttlSeconds, long safePoint);

  CompletableFuture<Void> reportMinResolvedTs(long storeId, long minResolvedTs);

  /** {@link PdException.Kind#ENTRY_NOT_FOUND} when there is no such keyspace. */
  CompletableFuture<KeyspaceMeta> loadKeyspace(String name);

  CompletableFuture<List<GlobalConfigItem>> loadGlobalConfig(String path, List<String> names);

  CompletableFuture<Void> storeGlobalConfig(String path, List<GlobalConfigItem> changes);

  /** Ends all streams; what is under way fails with {@link PdException.Kind#CLOSED}. */
  @Override
  void close();

  /**
   * Waits for a stage on a virtual thread or in a tool, and rethrows its own exception.
   *
   * @throws PdException with kind {@code CLOSED} when the thread is interrupted
   */
  static <T> T await(CompletionStage<T> stage) {
    Future<T> future = stage.toCompletableFuture();
    try {
      return future.get();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof RuntimeException failure) {
        throw failure;
      }
      throw new CompletionException(cause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PdException(PdException.Kind.CLOSED, "interrupted while waiting for PD", e);
    }
  }
}
