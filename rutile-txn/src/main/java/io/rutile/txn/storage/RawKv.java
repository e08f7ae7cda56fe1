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
import java.util.List;
import java.util.concurrent.CompletionStage;

/** The raw RPCs. Any thread may call; see the package for how refusals are reported. */
public interface RawKv {
  CompletionStage<RawGetResponse> get(RawGetRequest request);

  /**
   * Serves the point gets that arrived together. Those that ask the same region in the same way
   * share one snapshot and one task. {@code sink} is called exactly once for each request, in no
   * particular order, from one or several threads.
   */
  void getAll(List<RawGetRequest> requests, BatchSink<RawGetResponse> sink);

  CompletionStage<RawBatchGetResponse> batchGet(RawBatchGetRequest request);

  CompletionStage<RawPutResponse> put(RawPutRequest request);

  CompletionStage<RawBatchPutResponse> batchPut(RawBatchPutRequest request);

  CompletionStage<RawDeleteResponse> delete(RawDeleteRequest request);

  CompletionStage<RawBatchDeleteResponse> batchDelete(RawBatchDeleteRequest request);

  CompletionStage<RawDeleteRangeResponse> deleteRange(RawDeleteRangeRequest request);

  CompletionStage<RawScanResponse> scan(RawScanRequest request);

  CompletionStage<RawBatchScanResponse> batchScan(RawBatchScanRequest request);

  CompletionStage<RawGetKeyTTLResponse> getKeyTtl(RawGetKeyTTLRequest request);

  /** Linearizable with every other write of the key that is marked {@code for_cas}. */
  CompletionStage<RawCASResponse> compareAndSwap(RawCASRequest request);

  CompletionStage<RawChecksumResponse> checksum(RawChecksumRequest request);
}
