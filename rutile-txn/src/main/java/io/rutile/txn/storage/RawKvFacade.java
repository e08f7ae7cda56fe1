package io.rutile.txn.storage;

import io.rutile.proto.kvrpcpb.RawBatchDeleteRequest;
import io.rutile.proto.kvrpcpb.RawBatchDeleteResponse;
import io.rutile.proto.kvrpcpb.RawBatchGetRequest;
import io.rutile.proto.kvrpcpb.RawBatchGetResponse;
import io.rutile.proto.kvrpcpb.RawBatchPutRequest;
import io.rutile.proto.kvrpcpb.RawBatchPutResponse;
import io.rutile.proto.kvrpcpb.RawBatchScanRequest;
import io.rutile.proto.kvrpcpb.RawBatchScanResponse;
import io.rutile.proto.kvrpcpb.RawCASRequest;
import io.rutile.proto.kvrpcpb.RawCASResponse;
import io.rutile.proto.kvrpcpb.RawChecksumRequest;
import io.rutile.proto.kvrpcpb.RawChecksumResponse;
import io.rutile.proto.kvrpcpb.RawDeleteRangeRequest;
import io.rutile.proto.kvrpcpb.RawDeleteRangeResponse;
import io.rutile.proto.kvrpcpb.RawDeleteRequest;
import io.rutile.proto.kvrpcpb.RawDeleteResponse;
import io.rutile.proto.kvrpcpb.RawGetKeyTTLRequest;
import io.rutile.proto.kvrpcpb.RawGetKeyTTLResponse;
import io.rutile.proto.kvrpcpb.RawGetRequest;
import io.rutile.proto.kvrpcpb.RawGetResponse;
import io.rutile.proto.kvrpcpb.RawPutRequest;
import io.rutile.proto.kvrpcpb.RawPutResponse;
import io.rutile.proto.kvrpcpb.RawScanRequest;
import io.rutile.proto.kvrpcpb.RawScanResponse;
import io.rutile.txn.gate.RegionGate;
import io.rutile.txn.raw.RawReads;
import io.rutile.txn.raw.RawService;
import io.rutile.txn.read.Read;
import io.rutile.txn.read.ReadExecutor;
import io.rutile.txn.scheduler.SchedulerMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** {@link RawKv}: reads go to the read pool, writes to {@link RawService}. */
final class RawKvFacade implements RawKv {
  private final RegionGate gate;
  private final ReadExecutor executor;
  private final RawReads reads;
  private final RawService writes;
  private final SchedulerMetrics metrics;

  RawKvFacade(
      RegionGate gate, ReadExecutor executor, RawService service, SchedulerMetrics metrics) {
    this.gate = gate;
    this.executor = executor;
    this.reads = service.reads();
    this.writes = service;
    this.metrics = metrics;
  }

  @Override
  public CompletionStage<RawGetResponse> get(RawGetRequest request) {
    RawGetResponse hot = HotGets.one(gate, request, request.getContext(), reads::hot);
    if (hot != null) {
      metrics.request("raw_get");
      return CompletableFuture.completedFuture(hot);
    }
    return read("raw_get", reads.get(request));
  }

  @Override
  public void getAll(List<RawGetRequest> requests, BatchSink<RawGetResponse> sink) {
    metrics.requests("raw_get", requests.size());
    int[] left =
        new HotGets<>(gate, requests.size(), RawGetRequest::getContext, reads::hot)
            .run(requests, sink);
    if (left.length == 0) {
      return;
    }
    List<Read<RawGetResponse>> gets = new ArrayList<>(left.length);
    for (int index : left) {
      gets.add(reads.get(requests.get(index)));
    }
    GetGroups.run(
        executor,
        gets,
        left,
        sink,
        failure -> RawGetResponse.newBuilder().setError(String.valueOf(failure)).build());
  }

  @Override
  public CompletionStage<RawBatchGetResponse> batchGet(RawBatchGetRequest request) {
    return read("raw_batch_get", reads.batchGet(request));
  }

  @Override
  public CompletionStage<RawPutResponse> put(RawPutRequest request) {
    metrics.request("raw_put");
    return writes.put(request);
  }

  @Override
  public CompletionStage<RawBatchPutResponse> batchPut(RawBatchPutRequest request) {
    metrics.request("raw_batch_put");
    return writes.batchPut(request);
  }

  @Override
  public CompletionStage<RawDeleteResponse> delete(RawDeleteRequest request) {
    metrics.request("raw_delete");
    return writes.delete(request);
  }

  @Override
  public CompletionStage<RawBatchDeleteResponse> batchDelete(RawBatchDeleteRequest request) {
    metrics.request("raw_batch_delete");
    return writes.batchDelete(request);
  }

  @Override
  public CompletionStage<RawDeleteRangeResponse> deleteRange(RawDeleteRangeRequest request) {
    metrics.request("raw_delete_range");
    return writes.deleteRange(request);
  }

  @Override
  public CompletionStage<RawScanResponse> scan(RawScanRequest request) {
    return read("raw_scan", reads.scan(request));
  }

  @Override
  public CompletionStage<RawBatchScanResponse> batchScan(RawBatchScanRequest request) {
    return read("raw_batch_scan", reads.batchScan(request));
  }

  @Override
  public CompletionStage<RawGetKeyTTLResponse> getKeyTtl(RawGetKeyTTLRequest request) {
    return read("raw_get_key_ttl", reads.getKeyTtl(request));
  }

  @Override
  public CompletionStage<RawCASResponse> compareAndSwap(RawCASRequest request) {
    metrics.request("raw_compare_and_swap");
    return writes.compareAndSwap(request);
  }

  @Override
  public CompletionStage<RawChecksumResponse> checksum(RawChecksumRequest request) {
    return read("raw_checksum", reads.checksum(request));
  }

  private <R> CompletionStage<R> read(String tag, Read<R> read) {
    metrics.request(tag);
    return executor.execute(read);
  }
}
