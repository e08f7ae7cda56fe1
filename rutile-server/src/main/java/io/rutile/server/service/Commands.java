package io.rutile.server.service;

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
import io.rutile.proto.kvrpcpb.GetRequest;
import io.rutile.proto.kvrpcpb.GetResponse;
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
import io.rutile.proto.kvrpcpb.ScanLockRequest;
import io.rutile.proto.kvrpcpb.ScanLockResponse;
import io.rutile.proto.kvrpcpb.ScanRequest;
import io.rutile.proto.kvrpcpb.ScanResponse;
import io.rutile.proto.kvrpcpb.TxnHeartBeatRequest;
import io.rutile.proto.kvrpcpb.TxnHeartBeatResponse;
import io.rutile.proto.tikvpb.BatchCommandsRequest.Request;
import io.rutile.proto.tikvpb.BatchCommandsRequest.Request.CmdCase;
import io.rutile.proto.tikvpb.BatchCommandsResponse.Response;
import io.rutile.txn.storage.RawKv;
import io.rutile.txn.storage.TxnKv;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Every kind of request that may be an item of a BatchCommands frame, by its place in the frame's
 * oneof. Immutable; any thread may use it.
 */
final class Commands {
  final Command<GetRequest, GetResponse> get;
  final Command<ScanRequest, ScanResponse> scan;
  final Command<PrewriteRequest, PrewriteResponse> prewrite;
  final Command<CommitRequest, CommitResponse> commit;
  final Command<CleanupRequest, CleanupResponse> cleanup;
  final Command<BatchGetRequest, BatchGetResponse> batchGet;
  final Command<BatchRollbackRequest, BatchRollbackResponse> batchRollback;
  final Command<ScanLockRequest, ScanLockResponse> scanLock;
  final Command<ResolveLockRequest, ResolveLockResponse> resolveLock;
  final Command<DeleteRangeRequest, DeleteRangeResponse> deleteRange;
  final Command<PessimisticLockRequest, PessimisticLockResponse> pessimisticLock;
  final Command<PessimisticRollbackRequest, PessimisticRollbackResponse> pessimisticRollback;
  final Command<CheckTxnStatusRequest, CheckTxnStatusResponse> checkTxnStatus;
  final Command<TxnHeartBeatRequest, TxnHeartBeatResponse> txnHeartBeat;
  final Command<CheckSecondaryLocksRequest, CheckSecondaryLocksResponse> checkSecondaryLocks;
  final Command<PrepareFlashbackToVersionRequest, PrepareFlashbackToVersionResponse>
      prepareFlashback;
  final Command<FlashbackToVersionRequest, FlashbackToVersionResponse> flashback;
  final Command<FlushRequest, FlushResponse> flush;
  final Command<BufferBatchGetRequest, BufferBatchGetResponse> bufferBatchGet;
  final Command<BroadcastTxnStatusRequest, BroadcastTxnStatusResponse> broadcastTxnStatus;
  final Command<RawGetRequest, RawGetResponse> rawGet;
  final Command<RawBatchGetRequest, RawBatchGetResponse> rawBatchGet;
  final Command<RawPutRequest, RawPutResponse> rawPut;
  final Command<RawBatchPutRequest, RawBatchPutResponse> rawBatchPut;
  final Command<RawDeleteRequest, RawDeleteResponse> rawDelete;
  final Command<RawBatchDeleteRequest, RawBatchDeleteResponse> rawBatchDelete;
  final Command<RawScanRequest, RawScanResponse> rawScan;
  final Command<RawDeleteRangeRequest, RawDeleteRangeResponse> rawDeleteRange;
  final Command<RawBatchScanRequest, RawBatchScanResponse> rawBatchScan;

  private final Map<CmdCase, Command<?, ?>> byCase = new EnumMap<>(CmdCase.class);

  Commands(RawKv raw, TxnKv txn, RpcMetrics metrics) {
    get =
        new Command<>(
            "kv_get",
            metrics.rpc("kv_get"),
            false,
            Request::getGet,
            GetRequest::getContext,
            txn::get,
            Response.Builder::setGet,
            GetResponse.getDefaultInstance());
    byCase.put(CmdCase.GET, get);
    scan =
        new Command<>(
            "kv_scan",
            metrics.rpc("kv_scan"),
            false,
            Request::getScan,
            ScanRequest::getContext,
            txn::scan,
            Response.Builder::setScan,
            ScanResponse.getDefaultInstance());
    byCase.put(CmdCase.SCAN, scan);
    prewrite =
        new Command<>(
            "kv_prewrite",
            metrics.rpc("kv_prewrite"),
            true,
            Request::getPrewrite,
            PrewriteRequest::getContext,
            txn::prewrite,
            Response.Builder::setPrewrite,
            PrewriteResponse.getDefaultInstance());
    byCase.put(CmdCase.PREWRITE, prewrite);
    commit =
        new Command<>(
            "kv_commit",
            metrics.rpc("kv_commit"),
            true,
            Request::getCommit,
            CommitRequest::getContext,
            txn::commit,
            Response.Builder::setCommit,
            CommitResponse.getDefaultInstance());
    byCase.put(CmdCase.COMMIT, commit);
    cleanup =
        new Command<>(
            "kv_cleanup",
            metrics.rpc("kv_cleanup"),
            true,
            Request::getCleanup,
            CleanupRequest::getContext,
            txn::cleanup,
            Response.Builder::setCleanup,
            CleanupResponse.getDefaultInstance());
    byCase.put(CmdCase.CLEANUP, cleanup);
    batchGet =
        new Command<>(
            "kv_batch_get",
            metrics.rpc("kv_batch_get"),
            false,
            Request::getBatchGet,
            BatchGetRequest::getContext,
            txn::batchGet,
            Response.Builder::setBatchGet,
            BatchGetResponse.getDefaultInstance());
    byCase.put(CmdCase.BATCHGET, batchGet);
    batchRollback =
        new Command<>(
            "kv_batch_rollback",
            metrics.rpc("kv_batch_rollback"),
            true,
            Request::getBatchRollback,
            BatchRollbackRequest::getContext,
            txn::batchRollback,
            Response.Builder::setBatchRollback,
            BatchRollbackResponse.getDefaultInstance());
    byCase.put(CmdCase.BATCHROLLBACK, batchRollback);
    scanLock =
        new Command<>(
            "kv_scan_lock",
            metrics.rpc("kv_scan_lock"),
            false,
            Request::getScanLock,
            ScanLockRequest::getContext,
            txn::scanLock,
            Response.Builder::setScanLock,
            ScanLockResponse.getDefaultInstance());
    byCase.put(CmdCase.SCANLOCK, scanLock);
    resolveLock =
        new Command<>(
            "kv_resolve_lock",
            metrics.rpc("kv_resolve_lock"),
            true,
            Request::getResolveLock,
            ResolveLockRequest::getContext,
            txn::resolveLock,
            Response.Builder::setResolveLock,
            ResolveLockResponse.getDefaultInstance());
    byCase.put(CmdCase.RESOLVELOCK, resolveLock);
    deleteRange =
        new Command<>(
            "kv_delete_range",
            metrics.rpc("kv_delete_range"),
            true,
            Request::getDeleteRange,
            DeleteRangeRequest::getContext,
            txn::deleteRange,
            Response.Builder::setDeleteRange,
            DeleteRangeResponse.getDefaultInstance());
    byCase.put(CmdCase.DELETERANGE, deleteRange);
    pessimisticLock =
        new Command<>(
            "kv_pessimistic_lock",
            metrics.rpc("kv_pessimistic_lock"),
            true,
            Request::getPessimisticLock,
            PessimisticLockRequest::getContext,
            txn::pessimisticLock,
            Response.Builder::setPessimisticLock,
            PessimisticLockResponse.getDefaultInstance());
    byCase.put(CmdCase.PESSIMISTICLOCK, pessimisticLock);
    pessimisticRollback =
        new Command<>(
            "kv_pessimistic_rollback",
            metrics.rpc("kv_pessimistic_rollback"),
            true,
            Request::getPessimisticRollback,
            PessimisticRollbackRequest::getContext,
            txn::pessimisticRollback,
            Response.Builder::setPessimisticRollback,
            PessimisticRollbackResponse.getDefaultInstance());
    byCase.put(CmdCase.PESSIMISTICROLLBACK, pessimisticRollback);
    checkTxnStatus =
        new Command<>(
            "kv_check_txn_status",
            metrics.rpc("kv_check_txn_status"),
            true,
            Request::getCheckTxnStatus,
            CheckTxnStatusRequest::getContext,
            txn::checkTxnStatus,
            Response.Builder::setCheckTxnStatus,
            CheckTxnStatusResponse.getDefaultInstance());
    byCase.put(CmdCase.CHECKTXNSTATUS, checkTxnStatus);
    txnHeartBeat =
        new Command<>(
            "kv_txn_heart_beat",
            metrics.rpc("kv_txn_heart_beat"),
            true,
            Request::getTxnHeartBeat,
            TxnHeartBeatRequest::getContext,
            txn::txnHeartBeat,
            Response.Builder::setTxnHeartBeat,
            TxnHeartBeatResponse.getDefaultInstance());
    byCase.put(CmdCase.TXNHEARTBEAT, txnHeartBeat);
    checkSecondaryLocks =
        new Command<>(
            "kv_check_secondary_locks",
            metrics.rpc("kv_check_secondary_locks"),
            true,
            Request::getCheckSecondaryLocks,
            CheckSecondaryLocksRequest::getContext,
            txn::checkSecondaryLocks,
            Response.Builder::setCheckSecondaryLocks,
            CheckSecondaryLocksResponse.getDefaultInstance());
    byCase.put(CmdCase.CHECKSECONDARYLOCKS, checkSecondaryLocks);
    prepareFlashback =
        new Command<>(
            "kv_prepare_flashback_to_version",
            metrics.rpc("kv_prepare_flashback_to_version"),
            true,
            Request::getPrepareFlashbackToVersion,
            PrepareFlashbackToVersionRequest::getContext,
            txn::prepareFlashbackToVersion,
            Response.Builder::setPrepareFlashbackToVersion,
            PrepareFlashbackToVersionResponse.getDefaultInstance());
    byCase.put(CmdCase.PREPAREFLASHBACKTOVERSION, prepareFlashback);
    flashback =
        new Command<>(
            "kv_flashback_to_version",
            metrics.rpc("kv_flashback_to_version"),
            true,
            Request::getFlashbackToVersion,
            FlashbackToVersionRequest::getContext,
            txn::flashbackToVersion,
            Response.Builder::setFlashbackToVersion,
            FlashbackToVersionResponse.getDefaultInstance());
    byCase.put(CmdCase.FLASHBACKTOVERSION, flashback);
    flush =
        new Command<>(
            "kv_flush",
            metrics.rpc("kv_flush"),
            true,
            Request::getFlush,
            FlushRequest::getContext,
            txn::flush,
            Response.Builder::setFlush,
            FlushResponse.getDefaultInstance());
    byCase.put(CmdCase.FLUSH, flush);
    bufferBatchGet =
        new Command<>(
            "kv_buffer_batch_get",
            metrics.rpc("kv_buffer_batch_get"),
            false,
            Request::getBufferBatchGet,
            BufferBatchGetRequest::getContext,
            txn::bufferBatchGet,
            Response.Builder::setBufferBatchGet,
            BufferBatchGetResponse.getDefaultInstance());
    byCase.put(CmdCase.BUFFERBATCHGET, bufferBatchGet);
    broadcastTxnStatus =
        new Command<>(
            "broadcast_txn_status",
            metrics.rpc("broadcast_txn_status"),
            false,
            Request::getBroadcastTxnStatus,
            BroadcastTxnStatusRequest::getContext,
            txn::broadcastTxnStatus,
            Response.Builder::setBroadcastTxnStatus,
            BroadcastTxnStatusResponse.getDefaultInstance());
    byCase.put(CmdCase.BROADCASTTXNSTATUS, broadcastTxnStatus);
    rawGet =
        new Command<>(
            "raw_get",
            metrics.rpc("raw_get"),
            false,
            Request::getRawGet,
            RawGetRequest::getContext,
            raw::get,
            Response.Builder::setRawGet,
            RawGetResponse.getDefaultInstance());
    byCase.put(CmdCase.RAWGET, rawGet);
    rawBatchGet =
        new Command<>(
            "raw_batch_get",
            metrics.rpc("raw_batch_get"),
            false,
            Request::getRawBatchGet,
            RawBatchGetRequest::getContext,
            raw::batchGet,
            Response.Builder::setRawBatchGet,
            RawBatchGetResponse.getDefaultInstance());
    byCase.put(CmdCase.RAWBATCHGET, rawBatchGet);
    rawPut =
        new Command<>(
            "raw_put",
            metrics.rpc("raw_put"),
            true,
            Request::getRawPut,
            RawPutRequest::getContext,
            raw::put,
            Response.Builder::setRawPut,
            RawPutResponse.getDefaultInstance());
    byCase.put(CmdCase.RAWPUT, rawPut);
    rawBatchPut =
        new Command<>(
            "raw_batch_put",
            metrics.rpc("raw_batch_put"),
            true,
            Request::getRawBatchPut,
            RawBatchPutRequest::getContext,
            raw::batchPut,
            Response.Builder::setRawBatchPut,
            RawBatchPutResponse.getDefaultInstance());
    byCase.put(CmdCase.RAWBATCHPUT, rawBatchPut);
    rawDelete =
        new Command<>(
            "raw_delete",
            metrics.rpc("raw_delete"),
            true,
            Request::getRawDelete,
            RawDeleteRequest::getContext,
            raw::delete,
            Response.Builder::setRawDelete,
            RawDeleteResponse.getDefaultInstance());
    byCase.put(CmdCase.RAWDELETE, rawDelete);
    rawBatchDelete =
        new Command<>(
            "raw_batch_delete",
            metrics.rpc("raw_batch_delete"),
            true,
            Request::getRawBatchDelete,
            RawBatchDeleteRequest::getContext,
            raw::batchDelete,
            Response.Builder::setRawBatchDelete,
            RawBatchDeleteResponse.getDefaultInstance());
    byCase.put(CmdCase.RAWBATCHDELETE, rawBatchDelete);
    rawScan =
        new Command<>(
            "raw_scan",
            metrics.rpc("raw_scan"),
            false,
            Request::getRawScan,
            RawScanRequest::getContext,
            raw::scan,
            Response.Builder::setRawScan,
            RawScanResponse.getDefaultInstance());
    byCase.put(CmdCase.RAWSCAN, rawScan);
    rawDeleteRange =
        new Command<>(
            "raw_delete_range",
            metrics.rpc("raw_delete_range"),
            true,
            Request::getRawDeleteRange,
            RawDeleteRangeRequest::getContext,
            raw::deleteRange,
            Response.Builder::setRawDeleteRange,
            RawDeleteRangeResponse.getDefaultInstance());
    byCase.put(CmdCase.RAWDELETERANGE, rawDeleteRange);
    rawBatchScan =
        new Command<>(
            "raw_batch_scan",
            metrics.rpc("raw_batch_scan"),
            false,
            Request::getRawBatchScan,
            RawBatchScanRequest::getContext,
            raw::batchScan,
            Response.Builder::setRawBatchScan,
            RawBatchScanResponse.getDefaultInstance());
    byCase.put(CmdCase.RAWBATCHSCAN, rawBatchScan);
  }

  /** The command of an item, or null for items that are not data requests. */
  @Nullable Command<?, ?> of(CmdCase item) {
    return byCase.get(item);
  }
}
