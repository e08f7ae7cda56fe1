package io.rutile.client.kv;

import io.grpc.MethodDescriptor;
import io.rutile.proto.errorpb.Error;
import io.rutile.proto.kvrpcpb.BatchGetRequest;
import io.rutile.proto.kvrpcpb.BatchGetResponse;
import io.rutile.proto.kvrpcpb.BatchRollbackRequest;
import io.rutile.proto.kvrpcpb.BatchRollbackResponse;
import io.rutile.proto.kvrpcpb.CheckSecondaryLocksRequest;
import io.rutile.proto.kvrpcpb.CheckSecondaryLocksResponse;
import io.rutile.proto.kvrpcpb.CheckTxnStatusRequest;
import io.rutile.proto.kvrpcpb.CheckTxnStatusResponse;
import io.rutile.proto.kvrpcpb.CommitRequest;
import io.rutile.proto.kvrpcpb.CommitResponse;
import io.rutile.proto.kvrpcpb.GetRequest;
import io.rutile.proto.kvrpcpb.GetResponse;
import io.rutile.proto.kvrpcpb.PessimisticLockRequest;
import io.rutile.proto.kvrpcpb.PessimisticLockResponse;
import io.rutile.proto.kvrpcpb.PessimisticRollbackRequest;
import io.rutile.proto.kvrpcpb.PessimisticRollbackResponse;
import io.rutile.proto.kvrpcpb.PrewriteRequest;
import io.rutile.proto.kvrpcpb.PrewriteResponse;
import io.rutile.proto.kvrpcpb.RawBatchGetRequest;
import io.rutile.proto.kvrpcpb.RawBatchGetResponse;
import io.rutile.proto.kvrpcpb.RawBatchPutRequest;
import io.rutile.proto.kvrpcpb.RawBatchPutResponse;
import io.rutile.proto.kvrpcpb.RawCASRequest;
import io.rutile.proto.kvrpcpb.RawCASResponse;
import io.rutile.proto.kvrpcpb.RawDeleteRangeRequest;
import io.rutile.proto.kvrpcpb.RawDeleteRangeResponse;
import io.rutile.proto.kvrpcpb.RawDeleteRequest;
import io.rutile.proto.kvrpcpb.RawDeleteResponse;
import io.rutile.proto.kvrpcpb.RawGetRequest;
import io.rutile.proto.kvrpcpb.RawGetResponse;
import io.rutile.proto.kvrpcpb.RawPutRequest;
import io.rutile.proto.kvrpcpb.RawPutResponse;
import io.rutile.proto.kvrpcpb.RawScanRequest;
import io.rutile.proto.kvrpcpb.RawScanResponse;
import io.rutile.proto.kvrpcpb.ResolveLockRequest;
import io.rutile.proto.kvrpcpb.ResolveLockResponse;
import io.rutile.proto.kvrpcpb.ScanRequest;
import io.rutile.proto.kvrpcpb.ScanResponse;
import io.rutile.proto.tikvpb.TikvGrpc;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An RPC that is sent to a region.
 *
 * @param regionError the region error of an answer, null when it has none
 */
record Rpc<Q, A>(MethodDescriptor<Q, A> method, Function<A, @Nullable Error> regionError) {
  static final Rpc<RawGetRequest, RawGetResponse> RAW_GET =
      new Rpc<>(TikvGrpc.getRawGetMethod(), a -> a.hasRegionError() ? a.getRegionError() : null);
  static final Rpc<RawBatchGetRequest, RawBatchGetResponse> RAW_BATCH_GET =
      new Rpc<>(
          TikvGrpc.getRawBatchGetMethod(), a -> a.hasRegionError() ? a.getRegionError() : null);
  static final Rpc<RawPutRequest, RawPutResponse> RAW_PUT =
      new Rpc<>(TikvGrpc.getRawPutMethod(), a -> a.hasRegionError() ? a.getRegionError() : null);
  static final Rpc<RawBatchPutRequest, RawBatchPutResponse> RAW_BATCH_PUT =
      new Rpc<>(
          TikvGrpc.getRawBatchPutMethod(), a -> a.hasRegionError() ? a.getRegionError() : null);
  static final Rpc<RawDeleteRequest, RawDeleteResponse> RAW_DELETE =
      new Rpc<>(TikvGrpc.getRawDeleteMethod(), a -> a.hasRegionError() ? a.getRegionError() : null);
  static final Rpc<RawDeleteRangeRequest, RawDeleteRangeResponse> RAW_DELETE_RANGE =
      new Rpc<>(
          TikvGrpc.getRawDeleteRangeMethod(), a -> a.hasRegionError() ? a.getRegionError() : null);
  static final Rpc<RawScanRequest, RawScanResponse> RAW_SCAN =
      new Rpc<>(TikvGrpc.getRawScanMethod(), a -> a.hasRegionError() ? a.getRegionError() : null);
  static final Rpc<RawCASRequest, RawCASResponse> RAW_CAS =
      new Rpc<>(
          TikvGrpc.getRawCompareAndSwapMethod(),
          a -> a.hasRegionError() ? a.getRegionError() : null);
  static final Rpc<GetRequest, GetResponse> GET =
      new Rpc<>(TikvGrpc.getKvGetMethod(), a -> a.hasRegionError() ? a.getRegionError() : null);
  static final Rpc<BatchGetRequest, BatchGetResponse> BATCH_GET =
      new Rpc<>(
          TikvGrpc.getKvBatchGetMethod(), a -> a.hasRegionError() ? a.getRegionError() : null);
  static final Rpc<ScanRequest, ScanResponse> SCAN =
      new Rpc<>(TikvGrpc.getKvScanMethod(), a -> a.hasRegionError() ? a.getRegionError() : null);
  static final Rpc<PrewriteRequest, PrewriteResponse> PREWRITE =
      new Rpc<>(
          TikvGrpc.getKvPrewriteMethod(), a -> a.hasRegionError() ? a.getRegionError() : null);
  static final Rpc<CommitRequest, CommitResponse> COMMIT =
      new Rpc<>(TikvGrpc.getKvCommitMethod(), a -> a.hasRegionError() ? a.getRegionError() : null);
  static final Rpc<BatchRollbackRequest, BatchRollbackResponse> BATCH_ROLLBACK =
      new Rpc<>(
          TikvGrpc.getKvBatchRollbackMethod(), a -> a.hasRegionError() ? a.getRegionError() : null);
  static final Rpc<PessimisticLockRequest, PessimisticLockResponse> PESSIMISTIC_LOCK =
      new Rpc<>(
          TikvGrpc.getKvPessimisticLockMethod(),
          a -> a.hasRegionError() ? a.getRegionError() : null);
  static final Rpc<PessimisticRollbackRequest, PessimisticRollbackResponse> PESSIMISTIC_ROLLBACK =
      new Rpc<>(
          TikvGrpc.getKVPessimisticRollbackMethod(),
          a -> a.hasRegionError() ? a.getRegionError() : null);
  static final Rpc<CheckTxnStatusRequest, CheckTxnStatusResponse> CHECK_TXN_STATUS =
      new Rpc<>(
          TikvGrpc.getKvCheckTxnStatusMethod(),
          a -> a.hasRegionError() ? a.getRegionError() : null);
  static final Rpc<CheckSecondaryLocksRequest, CheckSecondaryLocksResponse> CHECK_SECONDARY_LOCKS =
      new Rpc<>(
          TikvGrpc.getKvCheckSecondaryLocksMethod(),
          a -> a.hasRegionError() ? a.getRegionError() : null);
  static final Rpc<ResolveLockRequest, ResolveLockResponse> RESOLVE_LOCK =
      new Rpc<>(
          TikvGrpc.getKvResolveLockMethod(), a -> a.hasRegionError() ? a.getRegionError() : null);
}
