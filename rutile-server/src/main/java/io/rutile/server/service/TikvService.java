package io.rutile.server.service;

import com.google.protobuf.Message;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.rutile.proto.kvrpcpb.BatchGetRequest;
import io.rutile.proto.kvrpcpb.BatchGetResponse;
import io.rutile.proto.kvrpcpb.BatchRollbackRequest;
import io.rutile.proto.kvrpcpb.BatchRollbackResponse;
import io.rutile.proto.kvrpcpb.BroadcastTxnStatusRequest;
import io.rutile.proto.kvrpcpb.BroadcastTxnStatusResponse;
import io.rutile.proto.kvrpcpb.BufferBatchGetRequest;
import io.rutile.proto.kvrpcpb.BufferBatchGetResponse;
import io.rutile.proto.kvrpcpb.CheckLeaderRequest;
import io.rutile.proto.kvrpcpb.CheckLeaderResponse;
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
import io.rutile.proto.kvrpcpb.GetHealthFeedbackRequest;
import io.rutile.proto.kvrpcpb.GetHealthFeedbackResponse;
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
import io.rutile.proto.kvrpcpb.ResolveLockRequest;
import io.rutile.proto.kvrpcpb.ResolveLockResponse;
import io.rutile.proto.kvrpcpb.ScanLockRequest;
import io.rutile.proto.kvrpcpb.ScanLockResponse;
import io.rutile.proto.kvrpcpb.ScanRequest;
import io.rutile.proto.kvrpcpb.ScanResponse;
import io.rutile.proto.kvrpcpb.SplitRegionRequest;
import io.rutile.proto.kvrpcpb.SplitRegionResponse;
import io.rutile.proto.kvrpcpb.StoreSafeTSRequest;
import io.rutile.proto.kvrpcpb.StoreSafeTSResponse;
import io.rutile.proto.kvrpcpb.TxnHeartBeatRequest;
import io.rutile.proto.kvrpcpb.TxnHeartBeatResponse;
import io.rutile.proto.kvrpcpb.UnsafeDestroyRangeRequest;
import io.rutile.proto.kvrpcpb.UnsafeDestroyRangeResponse;
import io.rutile.proto.raftserverpb.Done;
import io.rutile.proto.raftserverpb.RaftMessage;
import io.rutile.proto.raftserverpb.SnapshotChunk;
import io.rutile.proto.tikvpb.BatchCommandsRequest;
import io.rutile.proto.tikvpb.BatchCommandsResponse;
import io.rutile.proto.tikvpb.BatchRaftMessage;
import io.rutile.proto.tikvpb.TikvGrpc;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The store service of TiKV. What is not overridden here is not served: the generated base class
 * answers UNIMPLEMENTED.
 *
 * <p>Threads: methods are called on the transport's event loops and never block. A read's response
 * is written by the read pool's thread that finished it; a write's by a response writer, so that
 * apply threads only apply.
 */
public final class TikvService extends TikvGrpc.TikvImplBase {
  private final Storage storage;
  private final Commands commands;
  private final UnaryCommands unary;
  private final RaftRpcs raft;
  private final ServiceContext context;

  TikvService(Storage storage, SplitRpc split, RaftRpcs raft, ServiceContext context) {
    this.storage = storage;
    this.commands = new Commands(storage.raw(), storage.txn(), context.metrics());
    this.unary = new UnaryCommands(storage.raw(), storage.txn(), split, context.metrics());
    this.raft = raft;
    this.context = context;
  }

  @Override
  public StreamObserver<BatchCommandsRequest> batchCommands(
      StreamObserver<BatchCommandsResponse> call) {
    return new BatchCommandsStream(
        (ServerCallStreamObserver<BatchCommandsResponse>) call, storage, commands, context);
  }

  @Override
  public void kvGet(GetRequest request, StreamObserver<GetResponse> call) {
    serve(commands.get, request, call);
  }

  @Override
  public void kvScan(ScanRequest request, StreamObserver<ScanResponse> call) {
    serve(commands.scan, request, call);
  }

  @Override
  public void kvPrewrite(PrewriteRequest request, StreamObserver<PrewriteResponse> call) {
    serve(commands.prewrite, request, call);
  }

  @Override
  public void kvPessimisticLock(
      PessimisticLockRequest request, StreamObserver<PessimisticLockResponse> call) {
    serve(commands.pessimisticLock, request, call);
  }

  @Override
  public void kVPessimisticRollback(
      PessimisticRollbackRequest request, StreamObserver<PessimisticRollbackResponse> call) {
    serve(commands.pessimisticRollback, request, call);
  }

  @Override
  public void kvTxnHeartBeat(
      TxnHeartBeatRequest request, StreamObserver<TxnHeartBeatResponse> call) {
    serve(commands.txnHeartBeat, request, call);
  }

  @Override
  public void kvCheckTxnStatus(
      CheckTxnStatusRequest request, StreamObserver<CheckTxnStatusResponse> call) {
    serve(commands.checkTxnStatus, request, call);
  }

  @Override
  public void kvCheckSecondaryLocks(
      CheckSecondaryLocksRequest request, StreamObserver<CheckSecondaryLocksResponse> call) {
    serve(commands.checkSecondaryLocks, request, call);
  }

  @Override
  public void kvCommit(CommitRequest request, StreamObserver<CommitResponse> call) {
    serve(commands.commit, request, call);
  }

  @Override
  public void kvCleanup(CleanupRequest request, StreamObserver<CleanupResponse> call) {
    serve(commands.cleanup, request, call);
  }

  @Override
  public void kvBatchGet(BatchGetRequest request, StreamObserver<BatchGetResponse> call) {
    serve(commands.batchGet, request, call);
  }

  @Override
  public void kvBatchRollback(
      BatchRollbackRequest request, StreamObserver<BatchRollbackResponse> call) {
    serve(commands.batchRollback, request, call);
  }

  @Override
  public void kvScanLock(ScanLockRequest request, StreamObserver<ScanLockResponse> call) {
    serve(commands.scanLock, request, call);
  }

  @Override
  public void kvResolveLock(ResolveLockRequest request, StreamObserver<ResolveLockResponse> call) {
    serve(commands.resolveLock, request, call);
  }

  @Override
  public void kvDeleteRange(DeleteRangeRequest request, StreamObserver<DeleteRangeResponse> call) {
    serve(commands.deleteRange, request, call);
  }

  @Override
  public void kvFlush(FlushRequest request, StreamObserver<FlushResponse> call) {
    serve(commands.flush, request, call);
  }

  @Override
  public void kvBufferBatchGet(
      BufferBatchGetRequest request, StreamObserver<BufferBatchGetResponse> call) {
    serve(commands.bufferBatchGet, request, call);
  }

  @Override
  public void broadcastTxnStatus(
      BroadcastTxnStatusRequest request, StreamObserver<BroadcastTxnStatusResponse> call) {
    serve(commands.broadcastTxnStatus, request, call);
  }

  @Override
  public void rawGet(RawGetRequest request, StreamObserver<RawGetResponse> call) {
    serve(commands.rawGet, request, call);
  }

  @Override
  public void rawBatchGet(RawBatchGetRequest request, StreamObserver<RawBatchGetResponse> call) {
    serve(commands.rawBatchGet, request, call);
  }

  @Override
  public void rawPut(RawPutRequest request, StreamObserver<RawPutResponse> call) {
    serve(commands.rawPut, request, call);
  }

  @Override
  public void rawBatchPut(RawBatchPutRequest request, StreamObserver<RawBatchPutResponse> call) {
    serve(commands.rawBatchPut, request, call);
  }

  @Override
  public void rawDelete(RawDeleteRequest request, StreamObserver<RawDeleteResponse> call) {
    serve(commands.rawDelete, request, call);
  }

  @Override
  public void rawBatchDelete(
      RawBatchDeleteRequest request, StreamObserver<RawBatchDeleteResponse> call) {
    serve(commands.rawBatchDelete, request, call);
  }

  @Override
  public void rawScan(RawScanRequest request, StreamObserver<RawScanResponse> call) {
    serve(commands.rawScan, request, call);
  }

  @Override
  public void rawDeleteRange(
      RawDeleteRangeRequest request, StreamObserver<RawDeleteRangeResponse> call) {
    serve(commands.rawDeleteRange, request, call);
  }

  @Override
  public void rawBatchScan(RawBatchScanRequest request, StreamObserver<RawBatchScanResponse> call) {
    serve(commands.rawBatchScan, request, call);
  }

  @Override
  public void rawGetKeyTTL(RawGetKeyTTLRequest request, StreamObserver<RawGetKeyTTLResponse> call) {
    serve(unary.rawGetKeyTtl, request, call);
  }

  @Override
  public void rawCompareAndSwap(RawCASRequest request, StreamObserver<RawCASResponse> call) {
    serve(unary.rawCompareAndSwap, request, call);
  }

  @Override
  public void rawChecksum(RawChecksumRequest request, StreamObserver<RawChecksumResponse> call) {
    serve(unary.rawChecksum, request, call);
  }

  @Override
  public void unsafeDestroyRange(
      UnsafeDestroyRangeRequest request, StreamObserver<UnsafeDestroyRangeResponse> call) {
    serve(unary.unsafeDestroyRange, request, call);
  }

  @Override
  public void mvccGetByKey(MvccGetByKeyRequest request, StreamObserver<MvccGetByKeyResponse> call) {
    serve(unary.mvccGetByKey, request, call);
  }

  @Override
  public void mvccGetByStartTs(
      MvccGetByStartTsRequest request, StreamObserver<MvccGetByStartTsResponse> call) {
    serve(unary.mvccGetByStartTs, request, call);
  }

  @Override
  public void getLockWaitInfo(
      GetLockWaitInfoRequest request, StreamObserver<GetLockWaitInfoResponse> call) {
    serve(unary.getLockWaitInfo, request, call);
  }

  @Override
  public void splitRegion(SplitRegionRequest request, StreamObserver<SplitRegionResponse> call) {
    serve(unary.splitRegion, request, call);
  }

  @Override
  public StreamObserver<RaftMessage> raft(StreamObserver<Done> call) {
    return raft.raft(call);
  }

  @Override
  public StreamObserver<BatchRaftMessage> batchRaft(StreamObserver<Done> call) {
    return raft.batchRaft(call);
  }

  @Override
  public StreamObserver<SnapshotChunk> snapshot(StreamObserver<Done> call) {
    return raft.snapshot(call);
  }

  @Override
  public void getHealthFeedback(
      GetHealthFeedbackRequest request, StreamObserver<GetHealthFeedbackResponse> call) {
    Status refusal = context.cluster().refusal(request.getContext());
    if (refusal != null) {
      call.onError(refusal.asRuntimeException());
      return;
    }
    call.onNext(
        GetHealthFeedbackResponse.newBuilder().setHealthFeedback(context.health().next()).build());
    call.onCompleted();
  }

  @Override
  public void kvPrepareFlashbackToVersion(
      PrepareFlashbackToVersionRequest request,
      StreamObserver<PrepareFlashbackToVersionResponse> call) {
    serve(commands.prepareFlashback, request, call);
  }

  @Override
  public void kvFlashbackToVersion(
      FlashbackToVersionRequest request, StreamObserver<FlashbackToVersionResponse> call) {
    serve(commands.flashback, request, call);
  }

  @Override
  public void checkLeader(CheckLeaderRequest request, StreamObserver<CheckLeaderResponse> call) {
    call.onNext(raft.checkLeader(request));
    call.onCompleted();
  }

  @Override
  public void getStoreSafeTS(StoreSafeTSRequest request, StreamObserver<StoreSafeTSResponse> call) {
    call.onNext(raft.storeSafeTs(request));
    call.onCompleted();
  }

  private <Q extends Message, R extends Message> void serve(
      Command<Q, R> command, Q request, StreamObserver<R> call) {
    long beginNanos = context.clock().monotonicNanos();
    Status refusal = context.cluster().refusal(command.context().apply(request));
    if (refusal != null) {
      call.onError(refusal.asRuntimeException());
      return;
    }
    // Without this the observer throws when the client has gone; with it late answers are dropped.
    ((ServerCallStreamObserver<R>) call).setOnCancelHandler(() -> {});
    CompletionStage<R> served = command.start(request);
    if (command.writes()) {
      served.whenCompleteAsync(
          (response, failure) -> answer(command, beginNanos, response, failure, call),
          context.responseWriters());
    } else {
      served.whenComplete(
          (response, failure) -> answer(command, beginNanos, response, failure, call));
    }
  }

  private <R extends Message> void answer(
      Command<?, R> command,
      long beginNanos,
      @Nullable R response,
      @Nullable Throwable failure,
      StreamObserver<R> call) {
    command.metrics().served(beginNanos, failure);
    call.onNext(
        failure == null && response != null
            ? response
            : command.failed(failure == null ? new IllegalStateException("no response") : failure));
    call.onCompleted();
  }
}
