package io.rutile.server.service;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.rutile.base.codec.KeyCodec;
import io.rutile.base.error.ErrorCategory;
import io.rutile.base.error.RutileException;
import io.rutile.base.metric.MetricRegistry;
import io.rutile.engine.api.Cf;
import io.rutile.engine.api.KvEngine;
import io.rutile.proto.debugpb.BottommostLevelCompaction;
import io.rutile.proto.debugpb.CompactRequest;
import io.rutile.proto.debugpb.CompactResponse;
import io.rutile.proto.debugpb.DB;
import io.rutile.proto.debugpb.DebugGrpc;
import io.rutile.proto.debugpb.GetAllRegionsInStoreRequest;
import io.rutile.proto.debugpb.GetAllRegionsInStoreResponse;
import io.rutile.proto.debugpb.GetClusterInfoRequest;
import io.rutile.proto.debugpb.GetClusterInfoResponse;
import io.rutile.proto.debugpb.GetMetricsRequest;
import io.rutile.proto.debugpb.GetMetricsResponse;
import io.rutile.proto.debugpb.GetRequest;
import io.rutile.proto.debugpb.GetResponse;
import io.rutile.proto.debugpb.GetStoreInfoRequest;
import io.rutile.proto.debugpb.GetStoreInfoResponse;
import io.rutile.proto.debugpb.ModifyTikvConfigRequest;
import io.rutile.proto.debugpb.ModifyTikvConfigResponse;
import io.rutile.proto.debugpb.RegionSizeRequest;
import io.rutile.proto.debugpb.RegionSizeResponse;
import io.rutile.proto.kvrpcpb.APIVersion;
import io.rutile.proto.metapb.Region;
import io.rutile.server.status.OnlineConfig;
import io.rutile.store.RegionStatus;
import io.rutile.store.Store;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * What {@code tikv-ctl} asks a running store. Keys are those on disk, as {@code tikv-ctl} sends
 * them.
 *
 * <p>Everything here may read the disk or take long, so requests leave the event loop at once and
 * run on the executor that is passed in. Only the data engine can be looked into: the Raft log is
 * no key-value store here, and requests for it are refused.
 */
final class DebugService extends DebugGrpc.DebugImplBase {
  private final Store store;
  private final KvEngine engine;
  private final MetricRegistry metrics;
  private final OnlineConfig config;
  private final APIVersion apiVersion;
  private final Executor executor;

  /**
   * @param executor runs requests, which block
   */
  DebugService(
      Store store,
      KvEngine engine,
      MetricRegistry metrics,
      OnlineConfig config,
      APIVersion apiVersion,
      Executor executor) {
    this.store = store;
    this.engine = engine;
    this.metrics = metrics;
    this.config = config;
    this.apiVersion = apiVersion;
    this.executor = executor;
  }

  @Override
  public void get(GetRequest request, StreamObserver<GetResponse> call) {
    answer(
        call,
        () -> {
          Cf cf = family(request.getDb(), request.getCf());
          byte[] value = engine.get(cf, request.getKey().toByteArray());
          if (value == null) {
            throw Status.NOT_FOUND.withDescription("get_none").asRuntimeException();
          }
          return GetResponse.newBuilder().setValue(UnsafeByteOperations.unsafeWrap(value)).build();
        });
  }

  @Override
  public void regionSize(RegionSizeRequest request, StreamObserver<RegionSizeResponse> call) {
    answer(
        call,
        () -> {
          Region region = region(request.getRegionId());
          byte[] start = KeyCodec.dataKey(region.getStartKey().toByteArray());
          byte[] end = KeyCodec.dataEndKey(region.getEndKey().toByteArray());
          RegionSizeResponse.Builder response = RegionSizeResponse.newBuilder();
          for (String name : request.getCfsList()) {
            response
                .addEntriesBuilder()
                .setCf(name)
                .setSize(engine.approximateSize(family(DB.KV, name), start, end));
          }
          return response.build();
        });
  }

  @Override
  public void compact(CompactRequest request, StreamObserver<CompactResponse> call) {
    answer(
        call,
        () -> {
          engine.compactRange(
              family(request.getDb(), request.getCf()),
              request.getFromKey().toByteArray(),
              request.getToKey().toByteArray(),
              request.getBottommostLevelCompaction() == BottommostLevelCompaction.Force);
          return CompactResponse.getDefaultInstance();
        });
  }

  @Override
  public void getMetrics(GetMetricsRequest request, StreamObserver<GetMetricsResponse> call) {
    answer(
        call,
        () -> {
          GetMetricsResponse.Builder response =
              GetMetricsResponse.newBuilder()
                  .setStoreId(store.storeId())
                  .setPrometheusBytes(ByteString.copyFrom(metrics.scrape()));
          if (request.getAll()) {
            StringBuilder properties = new StringBuilder();
            engine
                .statistics()
                .properties()
                .forEach((name, value) ->
                    properties.append(name).append(": ").append(value).append('\n'));
            response.setRocksdbKvBytes(
                ByteString.copyFrom(properties.toString(), StandardCharsets.UTF_8));
          }
          return response.build();
        });
  }

  @Override
  public void modifyTikvConfig(
      ModifyTikvConfigRequest request, StreamObserver<ModifyTikvConfigResponse> call) {
    answer(
        call,
        () -> {
          config.change(Map.of(request.getConfigName(), request.getConfigValue()), true);
          return ModifyTikvConfigResponse.getDefaultInstance();
        });
  }

  @Override
  public void getStoreInfo(GetStoreInfoRequest request, StreamObserver<GetStoreInfoResponse> call) {
    answer(
        call,
        () ->
            GetStoreInfoResponse.newBuilder()
                .setStoreId(store.storeId())
                .setApiVersion(apiVersion)
                .build());
  }

  @Override
  public void getClusterInfo(
      GetClusterInfoRequest request, StreamObserver<GetClusterInfoResponse> call) {
    answer(call, () -> GetClusterInfoResponse.newBuilder().setClusterId(store.clusterId()).build());
  }

  @Override
  public void getAllRegionsInStore(
      GetAllRegionsInStoreRequest request, StreamObserver<GetAllRegionsInStoreResponse> call) {
    answer(
        call,
        () -> {
          List<Long> ids =
              store.regions().stream().map(status -> status.region().getId()).sorted().toList();
          return GetAllRegionsInStoreResponse.newBuilder().addAllRegions(ids).build();
        });
  }

  private Region region(long id) {
    return store
        .region(id)
        .map(RegionStatus::region)
        .orElseThrow(() -> Status.NOT_FOUND.withDescription("region " + id).asRuntimeException());
  }

  private static Cf family(DB db, String name) {
    if (db != DB.KV) {
      throw Status.INVALID_ARGUMENT
          .withDescription("only the kv engine can be looked into, not " + db)
          .asRuntimeException();
    }
    return Cf.ofWireName(name)
        .orElseThrow(() ->
            Status.INVALID_ARGUMENT
                .withDescription("no column family \"" + name + "\"")
                .asRuntimeException());
  }

  private <R> void answer(StreamObserver<R> call, Supplier<R> serve) {
    executor.execute(() -> {
      R response;
      try {
        response = serve.get();
      } catch (RuntimeException e) {
        call.onError(status(e));
        return;
      }
      call.onNext(response);
      call.onCompleted();
    });
  }

  private static StatusRuntimeException status(RuntimeException failure) {
    if (failure instanceof StatusRuntimeException refusal) {
      return refusal;
    }
    boolean callers =
        failure instanceof RutileException expected && expected.category() == ErrorCategory.CALLER;
    return (callers ? Status.INVALID_ARGUMENT : Status.UNKNOWN)
        .withDescription(failure.getMessage())
        .withCause(failure)
        .asRuntimeException();
  }
}
