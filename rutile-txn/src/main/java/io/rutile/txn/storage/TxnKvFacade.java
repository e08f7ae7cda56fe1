package io.rutile.txn.storage;

import com.google.protobuf.Message;
import io.rutile.base.clock.Clock;
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
import io.rutile.proto.kvrpcpb.KeyError;
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
import io.rutile.proto.kvrpcpb.TxnStatus;
import io.rutile.proto.kvrpcpb.UnsafeDestroyRangeRequest;
import io.rutile.proto.kvrpcpb.UnsafeDestroyRangeResponse;
import io.rutile.txn.command.AcquirePessimisticLock;
import io.rutile.txn.command.BatchRollback;
import io.rutile.txn.command.BufferBatchGet;
import io.rutile.txn.command.CheckSecondaryLocks;
import io.rutile.txn.command.CheckTxnStatus;
import io.rutile.txn.command.Cleanup;
import io.rutile.txn.command.Command;
import io.rutile.txn.command.Commit;
import io.rutile.txn.command.ConcurrencyView;
import io.rutile.txn.command.Flush;
import io.rutile.txn.command.KvBatchGet;
import io.rutile.txn.command.KvGet;
import io.rutile.txn.command.KvScan;
import io.rutile.txn.command.MvccGetByKey;
import io.rutile.txn.command.MvccGetByStartTs;
import io.rutile.txn.command.PessimisticRollback;
import io.rutile.txn.command.Prewrite;
import io.rutile.txn.command.ReadCommand;
import io.rutile.txn.command.ResolveLockLite;
import io.rutile.txn.command.ResolveLockScan;
import io.rutile.txn.command.ScanLock;
import io.rutile.txn.command.TxnHeartBeat;
import io.rutile.txn.error.TxnError;
import io.rutile.txn.gate.HotRows;
import io.rutile.txn.gate.RegionGate;
import io.rutile.txn.lockwait.LockManager;
import io.rutile.txn.lockwait.PessimisticWaits;
import io.rutile.txn.read.Read;
import io.rutile.txn.read.ReadExecutor;
import io.rutile.txn.scheduler.CommandWork;
import io.rutile.txn.scheduler.CommandWork.LockWaits;
import io.rutile.txn.scheduler.SchedulerMetrics;
import io.rutile.txn.scheduler.TxnScheduler;
import io.rutile.txn.scheduler.TxnStatusCache;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * {@link TxnKv}: each request is checked, made into a command, and run by the read pool or the
 * scheduler.
 */
final class TxnKvFacade implements TxnKv {
  /**
   * What the facade works with.
   *
   * @param ranges requests below transactions
   */
  record Parts(
      RegionGate gate,
      ReadExecutor reads,
      TxnScheduler scheduler,
      ConcurrencyView concurrency,
      TxnStatusCache statuses,
      LockManager locks,
      TxnGate checks,
      RangeRequests ranges,
      FlashbackRequests flashbacks,
      Clock clock,
      SchedulerMetrics metrics) {}

  private final Parts parts;

  TxnKvFacade(Parts parts) {
    this.parts = parts;
  }

  @Override
  public CompletionStage<GetResponse> get(GetRequest request) {
    GetResponse hot = HotGets.one(parts.gate(), request, request.getContext(), this::hotGet);
    return hot != null
        ? CompletableFuture.completedFuture(hot)
        : parts.reads().execute(getRead(request));
  }

  private TxnRead<GetResponse> getRead(GetRequest request) {
    KvGet command = new KvGet(request);
    return read(command, refusal(command, request));
  }

  private @Nullable TxnError refusal(KvGet command, GetRequest request) {
    return parts.checks().keys(command.tag(), command.context(), List.of(request.getKey()));
  }

  /** The answer to a get if its row is at hand; see {@link HotGets}. */
  private @Nullable GetResponse hotGet(GetRequest request, HotRows rows) {
    KvGet command = new KvGet(request);
    if (refusal(command, request) != null) {
      return null;
    }
    long started = parts.clock().monotonicNanos();
    GetResponse response =
        command.hot(
            parts.concurrency(),
            rows,
            statistics -> TxnRead.details(statistics, 0, parts.clock().monotonicNanos() - started));
    if (response != null) {
      parts.metrics().request(command.tag());
    }
    return response;
  }

  @Override
  public void getAll(List<GetRequest> requests, BatchSink<GetResponse> sink) {
    int[] left =
        new HotGets<>(parts.gate(), requests.size(), GetRequest::getContext, this::hotGet)
            .run(requests, sink);
    if (left.length == 0) {
      return;
    }
    List<Read<GetResponse>> reads = new ArrayList<>(left.length);
    for (int index : left) {
      reads.add(getRead(requests.get(index)));
    }
    GetGroups.run(
        parts.reads(),
        reads,
        left,
        sink,
        failure ->
            GetResponse.newBuilder()
                .setError(KeyError.newBuilder().setAbort(String.valueOf(failure)))
                .build());
  }

  @Override
  public CompletionStage<BatchGetResponse> batchGet(BatchGetRequest request) {
    KvBatchGet command = new KvBatchGet(request);
    return run(
        command, parts.checks().keys(command.tag(), command.context(), request.getKeysList()));
  }

  @Override
  public CompletionStage<ScanResponse> scan(ScanRequest request) {
    KvScan command = new KvScan(request);
    boolean reverse = request.getReverse();
    return run(
        command,
        parts
            .checks()
            .range(
                command.tag(),
                command.context(),
                reverse ? request.getEndKey() : request.getStartKey(),
                reverse ? request.getStartKey() : request.getEndKey()));
  }

  @Override
  public CompletionStage<PrewriteResponse> prewrite(PrewriteRequest request) {
    Prewrite command = new Prewrite(request);
    return run(
        command,
        parts.checks().mutations(command.tag(), command.context(), request.getMutationsList()));
  }

  @Override
  public CompletionStage<CommitResponse> commit(CommitRequest request) {
    return run(new Commit(request));
  }

  @Override
  public CompletionStage<CleanupResponse> cleanup(CleanupRequest request) {
    return run(new Cleanup(request));
  }

  @Override
  public CompletionStage<BatchRollbackResponse> batchRollback(BatchRollbackRequest request) {
    return run(new BatchRollback(request));
  }

  @Override
  public CompletionStage<TxnHeartBeatResponse> txnHeartBeat(TxnHeartBeatRequest request) {
    return run(new TxnHeartBeat(request));
  }

  @Override
  public CompletionStage<CheckTxnStatusResponse> checkTxnStatus(CheckTxnStatusRequest request) {
    return run(new CheckTxnStatus(request));
  }

  @Override
  public CompletionStage<CheckSecondaryLocksResponse> checkSecondaryLocks(
      CheckSecondaryLocksRequest request) {
    return run(new CheckSecondaryLocks(request));
  }

  @Override
  public CompletionStage<ScanLockResponse> scanLock(ScanLockRequest request) {
    ScanLock command = new ScanLock(request);
    return run(command, parts.checks().version(command.tag(), command.context()));
  }

  @Override
  public CompletionStage<ResolveLockResponse> resolveLock(ResolveLockRequest request) {
    return request.getKeysCount() == 0
        ? run(new ResolveLockScan(request))
        : run(new ResolveLockLite(request));
  }

  @Override
  public CompletionStage<DeleteRangeResponse> deleteRange(DeleteRangeRequest request) {
    parts.metrics().request("delete_range");
    return parts.ranges().deleteRange(request);
  }

  @Override
  public CompletionStage<UnsafeDestroyRangeResponse> unsafeDestroyRange(
      UnsafeDestroyRangeRequest request) {
    parts.metrics().request("unsafe_destroy_range");
    return parts.ranges().unsafeDestroyRange(request);
  }

  @Override
  public CompletionStage<MvccGetByKeyResponse> mvccGetByKey(MvccGetByKeyRequest request) {
    MvccGetByKey command = new MvccGetByKey(request);
    return run(command, parts.checks().version(command.tag(), command.context()));
  }

  @Override
  public CompletionStage<MvccGetByStartTsResponse> mvccGetByStartTs(
      MvccGetByStartTsRequest request) {
    MvccGetByStartTs command = new MvccGetByStartTs(request);
    return run(command, parts.checks().version(command.tag(), command.context()));
  }

  @Override
  public CompletionStage<BroadcastTxnStatusResponse> broadcastTxnStatus(
      BroadcastTxnStatusRequest request) {
    for (TxnStatus status : request.getTxnStatusList()) {
      parts.statuses().committed(status.getStartTs(), status.getCommitTs());
    }
    return CompletableFuture.completedFuture(BroadcastTxnStatusResponse.getDefaultInstance());
  }

  @Override
  public CompletionStage<PessimisticLockResponse> pessimisticLock(PessimisticLockRequest request) {
    AcquirePessimisticLock command = new AcquirePessimisticLock(request);
    return run(
        command,
        parts.checks().mutations(command.tag(), command.context(), request.getMutationsList()),
        new PessimisticWaits(command, parts.locks(), parts.scheduler(), parts.clock()));
  }

  @Override
  public CompletionStage<PessimisticRollbackResponse> pessimisticRollback(
      PessimisticRollbackRequest request) {
    return run(PessimisticRollback.of(request));
  }

  @Override
  public CompletionStage<PrepareFlashbackToVersionResponse> prepareFlashbackToVersion(
      PrepareFlashbackToVersionRequest request) {
    return parts.flashbacks().prepare(request, this::run);
  }

  @Override
  public CompletionStage<FlashbackToVersionResponse> flashbackToVersion(
      FlashbackToVersionRequest request) {
    return parts.flashbacks().finish(request, this::run);
  }

  @Override
  public CompletionStage<FlushResponse> flush(FlushRequest request) {
    Flush command = new Flush(request);
    return run(
        command,
        parts.checks().mutations(command.tag(), command.context(), request.getMutationsList()));
  }

  @Override
  public CompletionStage<BufferBatchGetResponse> bufferBatchGet(BufferBatchGetRequest request) {
    BufferBatchGet command = new BufferBatchGet(request);
    return run(
        command, parts.checks().keys(command.tag(), command.context(), request.getKeysList()));
  }

  @Override
  public CompletionStage<GetLockWaitInfoResponse> getLockWaitInfo(GetLockWaitInfoRequest request) {
    return CompletableFuture.completedFuture(
        GetLockWaitInfoResponse.newBuilder().addAllEntries(parts.locks().waits()).build());
  }

  private <R extends Message> TxnRead<R> read(ReadCommand<R> command, @Nullable TxnError refusal) {
    parts.metrics().request(command.tag());
    return new TxnRead<>(command, parts.concurrency(), parts.clock(), refusal);
  }

  private <R extends Message> CompletionStage<R> run(
      ReadCommand<R> command, @Nullable TxnError refusal) {
    return parts.reads().execute(read(command, refusal));
  }

  private <R extends Message> CompletionStage<R> run(Command<R> command) {
    return run(command, parts.checks().version(command.tag(), command.context()));
  }

  private <R extends Message> CompletionStage<R> run(
      Command<R> command, @Nullable TxnError refusal) {
    return run(command, refusal, LockWaits.refuse());
  }

  private <R extends Message> CompletionStage<R> run(
      Command<R> command, @Nullable TxnError refusal, LockWaits<R> waits) {
    parts.metrics().request(command.tag());
    return refusal != null
        ? CompletableFuture.completedFuture(command.failure(refusal.exception()))
        : parts
            .scheduler()
            .schedule(new CommandWork<>(command, parts.concurrency(), parts.statuses(), waits));
  }
}
