package io.rutile.server.service;

import io.rutile.proto.kvrpcpb.GetLockWaitInfoRequest;
import io.rutile.proto.kvrpcpb.GetLockWaitInfoResponse;
import io.rutile.proto.kvrpcpb.MvccGetByKeyRequest;
import io.rutile.proto.kvrpcpb.MvccGetByKeyResponse;
import io.rutile.proto.kvrpcpb.MvccGetByStartTsRequest;
import io.rutile.proto.kvrpcpb.MvccGetByStartTsResponse;
import io.rutile.proto.kvrpcpb.RawCASRequest;
import io.rutile.proto.kvrpcpb.RawCASResponse;
import io.rutile.proto.kvrpcpb.RawChecksumRequest;
import io.rutile.proto.kvrpcpb.RawChecksumResponse;
import io.rutile.proto.kvrpcpb.RawGetKeyTTLRequest;
import io.rutile.proto.kvrpcpb.RawGetKeyTTLResponse;
import io.rutile.proto.kvrpcpb.SplitRegionRequest;
import io.rutile.proto.kvrpcpb.SplitRegionResponse;
import io.rutile.proto.kvrpcpb.UnsafeDestroyRangeRequest;
import io.rutile.proto.kvrpcpb.UnsafeDestroyRangeResponse;
import io.rutile.txn.storage.RawKv;
import io.rutile.txn.storage.TxnKv;

/**
 * The data requests that have no place in a BatchCommands frame. Immutable; any thread may use it.
 */
final class UnaryCommands {
  final Command<RawGetKeyTTLRequest, RawGetKeyTTLResponse> rawGetKeyTtl;
  final Command<RawCASRequest, RawCASResponse> rawCompareAndSwap;
  final Command<RawChecksumRequest, RawChecksumResponse> rawChecksum;
  final Command<UnsafeDestroyRangeRequest, UnsafeDestroyRangeResponse> unsafeDestroyRange;
  final Command<MvccGetByKeyRequest, MvccGetByKeyResponse> mvccGetByKey;
  final Command<MvccGetByStartTsRequest, MvccGetByStartTsResponse> mvccGetByStartTs;
  final Command<GetLockWaitInfoRequest, GetLockWaitInfoResponse> getLockWaitInfo;
  final Command<SplitRegionRequest, SplitRegionResponse> splitRegion;

  UnaryCommands(RawKv raw, TxnKv txn, SplitRpc split, RpcMetrics metrics) {
    rawGetKeyTtl =
        Command.unary(
            "raw_get_key_ttl",
            metrics,
            false,
            RawGetKeyTTLRequest::getContext,
            raw::getKeyTtl,
            RawGetKeyTTLResponse.getDefaultInstance());
    rawCompareAndSwap =
        Command.unary(
            "raw_compare_and_swap",
            metrics,
            true,
            RawCASRequest::getContext,
            raw::compareAndSwap,
            RawCASResponse.getDefaultInstance());
    rawChecksum =
        Command.unary(
            "raw_checksum",
            metrics,
            false,
            RawChecksumRequest::getContext,
            raw::checksum,
            RawChecksumResponse.getDefaultInstance());
    unsafeDestroyRange =
        Command.unary(
            "unsafe_destroy_range",
            metrics,
            true,
            UnsafeDestroyRangeRequest::getContext,
            txn::unsafeDestroyRange,
            UnsafeDestroyRangeResponse.getDefaultInstance());
    mvccGetByKey =
        Command.unary(
            "mvcc_get_by_key",
            metrics,
            false,
            MvccGetByKeyRequest::getContext,
            txn::mvccGetByKey,
            MvccGetByKeyResponse.getDefaultInstance());
    mvccGetByStartTs =
        Command.unary(
            "mvcc_get_by_start_ts",
            metrics,
            false,
            MvccGetByStartTsRequest::getContext,
            txn::mvccGetByStartTs,
            MvccGetByStartTsResponse.getDefaultInstance());
    getLockWaitInfo =
        Command.unary(
            "get_lock_wait_info",
            metrics,
            false,
            GetLockWaitInfoRequest::getContext,
            txn::getLockWaitInfo,
            GetLockWaitInfoResponse.getDefaultInstance());
    splitRegion =
        Command.unary(
            "split_region",
            metrics,
            true,
            SplitRegionRequest::getContext,
            split::split,
            SplitRegionResponse.getDefaultInstance());
  }
}
