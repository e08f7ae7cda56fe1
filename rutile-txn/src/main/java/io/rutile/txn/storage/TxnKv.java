package io.rutile.txn.storage;

import io.rutile.proto.kvrpcpb.BatchGetRequest;
import io.rutile.proto.kvrpcpb.BatchGetResponse;
import io.rutile.proto.kvrpcpb.BatchRollbackRequest;
import io.rutile.proto.kvrpcpb.BatchRollbackResponse;
import io.rutile.proto.kvrpcpb.BroadcastTxnStatusRequest;
import io.rutile.proto.kvrpcpb.BroadcastTxnStatusResponse;
import io.rutile.proto.kvrpcpb.BufferBatchGetRequest;
import io.rutile.proto.kvrpcpb.BufferBatchGetResponse;
import io.rutile.proto.kvrpcpb.CheckSecondaryLocksRequest;
import io.rutile.proto.kvrpcpb.CheckSecondaryLocksResponse;
import io.rutile.proto.kvrpcpb.CheckTxnStatusRequest;
import io.rutile.proto.kvrpcpb.CheckTxnStatusResponse;
import io.rutile.proto.kvrpcpb.CleanupRequest;
import io.rutile.proto.kvrpcpb.CleanupResponse;
import io.rutile.proto.kvrpcpb.CommitRequest;
import io.rutile.proto.kvrpcpb.CommitResponse;
import io.rutile.proto.kvrpcpb.DeleteRangeRequest;
import io.rutile.proto.kvrpcpb.DeleteRangeResponse;
import io.rutile.proto.kvrpcpb.FlashbackToVersionRequest;
import io.rutile.proto.kvrpcpb.FlashbackToVersionResponse;
import io.rutile.proto.kvrpcpb.FlushRequest;
import io.rutile.proto.kvrpcpb.FlushResponse;
import io.rutile.proto.kvrpcpb.GetLockWaitInfoRequest;
import io.rutile.proto.kvrpcpb.GetLockWaitInfoResponse;
import io.rutile.proto.kvrpcpb.GetRequest;
import io.rutile.proto.kvrpcpb.GetResponse;
import io.rutile.proto.kvrpcpb.MvccGetByKeyRequest;
import io.rutile.proto.kvrpcpb.MvccGetByKeyResponse;
import io.rutile.proto.kvrpcpb.MvccGetByStartTsRequest;
import io.rutile.proto.kvrpcpb.MvccGetByStartTsResponse;
import io.rutile.proto.kvrpcpb.PessimisticLockRequest;
import io.rutile.proto.kvrpcpb.PessimisticLockResponse;
import io.rutile.proto.kvrpcpb.PessimisticRollbackRequest;
import io.rutile.proto.kvrpcpb.PessimisticRollbackResponse;
import io.rutile.proto.kvrpcpb.PrepareFlashbackToVersionRequest;
import io.rutile.proto.kvrpcpb.PrepareFlashbackToVersionResponse;
import io.rutile.proto.kvrpcpb.PrewriteRequest;
import io.rutile.proto.kvrpcpb.PrewriteResponse;
import io.rutile.proto.kvrpcpb.ResolveLockRequest;
import io.rutile.proto.kvrpcpb.ResolveLockResponse;
import io.rutile.proto.kvrpcpb.ScanLockRequest;
import io.rutile.proto.kvrpcpb.ScanLockResponse;
import io.rutile.proto.kvrpcpb.ScanRequest;
import io.rutile.proto.kvrpcpb.ScanResponse;
import io.rutile.proto.kvrpcpb.TxnHeartBeatRequest;
import io.rutile.proto.kvrpcpb.TxnHeartBeatResponse;
import io.rutile.proto.kvrpcpb.UnsafeDestroyRangeRequest;
import io.rutile.proto.kvrpcpb.UnsafeDestroyRangeResponse;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** The transactional RPCs. Any thread may call; see the package for how refusals are reported. */
public interface TxnKv {
  CompletionStage<GetResponse> get(GetRequest request);

  /**
   * Serves the point gets that arrived together. Those that ask the same region in the same way
   * share one snapshot and one task. {@code sink} is called exactly once for each request, in no
   * particular order, from one or several threads.
   */
  void getAll(List<GetRequest> requests, BatchSink<GetResponse> sink);

  CompletionStage<BatchGetResponse> batchGet(BatchGetRequest request);

  CompletionStage<ScanResponse> scan(ScanRequest request);

  CompletionStage<PrewriteResponse> prewrite(PrewriteRequest request);

  CompletionStage<PessimisticLockResponse> pessimisticLock(PessimisticLockRequest request);

  CompletionStage<PessimisticRollbackResponse> pessimisticRollback(
      PessimisticRollbackRequest request);

  CompletionStage<CommitResponse> commit(CommitRequest request);

  CompletionStage<CleanupResponse> cleanup(CleanupRequest request);

  CompletionStage<BatchRollbackResponse> batchRollback(BatchRollbackRequest request);

  CompletionStage<TxnHeartBeatResponse> txnHeartBeat(TxnHeartBeatRequest request);

  CompletionStage<CheckTxnStatusResponse> checkTxnStatus(CheckTxnStatusRequest request);

  CompletionStage<CheckSecondaryLocksResponse> checkSecondaryLocks(
      CheckSecondaryLocksRequest request);

  CompletionStage<ScanLockResponse> scanLock(ScanLockRequest request);

  CompletionStage<ResolveLockResponse> resolveLock(ResolveLockRequest request);

  CompletionStage<DeleteRangeResponse> deleteRange(DeleteRangeRequest request);

  /** Destroys a key range on this store only, without replication. */
  CompletionStage<UnsafeDestroyRangeResponse> unsafeDestroyRange(UnsafeDestroyRangeRequest request);

  /** Shuts everybody else out of a region whose keys are to go back to a version. */
  CompletionStage<PrepareFlashbackToVersionResponse> prepareFlashbackToVersion(
      PrepareFlashbackToVersionRequest request);

  /** Takes the keys of a prepared region back, and opens it again. */
  CompletionStage<FlashbackToVersionResponse> flashbackToVersion(FlashbackToVersionRequest request);

  CompletionStage<FlushResponse> flush(FlushRequest request);

  CompletionStage<BufferBatchGetResponse> bufferBatchGet(BufferBatchGetRequest request);

  CompletionStage<MvccGetByKeyResponse> mvccGetByKey(MvccGetByKeyRequest request);

  CompletionStage<MvccGetByStartTsResponse> mvccGetByStartTs(MvccGetByStartTsRequest request);

  CompletionStage<GetLockWaitInfoResponse> getLockWaitInfo(GetLockWaitInfoRequest request);

  CompletionStage<BroadcastTxnStatusResponse> broadcastTxnStatus(BroadcastTxnStatusRequest request);
}
