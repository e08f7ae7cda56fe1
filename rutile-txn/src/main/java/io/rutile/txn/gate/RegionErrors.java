package io.rutile.txn.gate;

import com.google.protobuf.UnsafeByteOperations;
import io.rutile.base.bytes.Bytes;
import io.rutile.base.error.ErrorCategory;
import io.rutile.proto.errorpb.BucketVersionNotMatch;
import io.rutile.proto.errorpb.DataIsNotReady;
import io.rutile.proto.errorpb.DiskFull;
import io.rutile.proto.errorpb.EpochNotMatch;
import io.rutile.proto.errorpb.Error;
import io.rutile.proto.errorpb.FlashbackInProgress;
import io.rutile.proto.errorpb.FlashbackNotPrepared;
import io.rutile.proto.errorpb.KeyNotInRegion;
import io.rutile.proto.errorpb.MaxTimestampNotSynced;
import io.rutile.proto.errorpb.MismatchPeerId;
import io.rutile.proto.errorpb.NotLeader;
import io.rutile.proto.errorpb.ProposalInMergingMode;
import io.rutile.proto.errorpb.RaftEntryTooLarge;
import io.rutile.proto.errorpb.ReadIndexNotReady;
import io.rutile.proto.errorpb.RecoveryInProgress;
import io.rutile.proto.errorpb.RegionNotFound;
import io.rutile.proto.errorpb.RegionNotInitialized;
import io.rutile.proto.errorpb.ServerIsBusy;
import io.rutile.proto.errorpb.StaleCommand;
import io.rutile.proto.errorpb.StoreNotMatch;
import io.rutile.proto.errorpb.UndeterminedResult;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.Region;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The catalogue of region errors: one factory for each variant of {@code errorpb.Error}, with the
 * code that TiKV gives it and a message that is always filled.
 */
public final class RegionErrors {
  private RegionErrors() {}

  public static RegionErrorException notLeader(long regionId, @Nullable Peer leader) {
    NotLeader.Builder detail = NotLeader.newBuilder().setRegionId(regionId);
    if (leader != null) {
      detail.setLeader(leader);
    }
    String text =
        "peer is not leader for region "
            + regionId
            + (leader == null
                ? ", leader may None"
                : ", leader may Some(" + describe(leader) + ")");
    return elsewhere("NotLeader", Error.newBuilder().setNotLeader(detail), text);
  }

  public static RegionErrorException regionNotFound(long regionId) {
    return elsewhere(
        "RegionNotFound",
        Error.newBuilder().setRegionNotFound(RegionNotFound.newBuilder().setRegionId(regionId)),
        "region " + regionId + " not found");
  }

  public static RegionErrorException regionNotInitialized(long regionId) {
    return later(
        "RegionNotInitialized",
        Error.newBuilder()
            .setRegionNotInitialized(RegionNotInitialized.newBuilder().setRegionId(regionId)),
        "region " + regionId + " not initialized yet");
  }

  public static RegionErrorException keyNotInRegion(
      byte[] key, long regionId, byte[] start, byte[] end) {
    return elsewhere(
        "KeyNotInRegion",
        Error.newBuilder()
            .setKeyNotInRegion(
                KeyNotInRegion.newBuilder()
                    .setKey(UnsafeByteOperations.unsafeWrap(key))
                    .setRegionId(regionId)
                    .setStartKey(UnsafeByteOperations.unsafeWrap(start))
                    .setEndKey(UnsafeByteOperations.unsafeWrap(end))),
        "key "
            + Bytes.hex(key)
            + " is not in region key range ["
            + Bytes.hex(start)
            + ", "
            + Bytes.hex(end)
            + ") for region "
            + regionId);
  }

  /** {@code current} is this region first, then siblings that a split made of it. */
  public static RegionErrorException epochNotMatch(String text, List<Region> current) {
    return elsewhere(
        "EpochNotMatch",
        Error.newBuilder()
            .setEpochNotMatch(EpochNotMatch.newBuilder().addAllCurrentRegions(current)),
        "EpochNotMatch " + text);
  }

  public static RegionErrorException serverIsBusy(String reason) {
    return serverIsBusy(ServerIsBusy.newBuilder().setReason(reason).build());
  }

  public static RegionErrorException serverIsBusy(ServerIsBusy detail) {
    return later(
        "ServerIsBusy",
        Error.newBuilder().setServerIsBusy(detail),
        "server is busy: " + detail.getReason());
  }

  public static RegionErrorException deadlineExceeded() {
    return serverIsBusy("deadline is exceeded");
  }

  public static RegionErrorException staleCommand() {
    return later(
        "StaleCommand",
        Error.newBuilder().setStaleCommand(StaleCommand.getDefaultInstance()),
        "stale command");
  }

  public static RegionErrorException storeNotMatch(long requested, long actual) {
    return elsewhere(
        "StoreNotMatch",
        Error.newBuilder()
            .setStoreNotMatch(
                StoreNotMatch.newBuilder().setRequestStoreId(requested).setActualStoreId(actual)),
        "to store id " + requested + ", mine " + actual);
  }

  public static RegionErrorException mismatchPeerId(long requested, long actual) {
    return elsewhere(
        "MismatchPeerId",
        Error.newBuilder()
            .setMismatchPeerId(
                MismatchPeerId.newBuilder().setRequestPeerId(requested).setStorePeerId(actual)),
        "mismatch peer id " + requested + " != " + actual);
  }

  public static RegionErrorException raftEntryTooLarge(long regionId, long entrySize) {
    return new RegionErrorException(
        "KV:Raftstore:RaftEntryTooLarge",
        ErrorCategory.CALLER,
        Error.newBuilder()
            .setRaftEntryTooLarge(
                RaftEntryTooLarge.newBuilder().setRegionId(regionId).setEntrySize(entrySize))
            .setMessage("raft entry is too large, region " + regionId + ", entry size " + entrySize)
            .build());
  }

  public static RegionErrorException maxTimestampNotSynced() {
    return new RegionErrorException(
        "KV:Storage:MaxTimestampNotSynced",
        ErrorCategory.RETRY_LATER,
        Error.newBuilder()
            .setMaxTimestampNotSynced(MaxTimestampNotSynced.getDefaultInstance())
            .setMessage("Prewrite for async commit fails due to potentially stale max timestamp")
            .build());
  }

  public static RegionErrorException readIndexNotReady(long regionId, String reason) {
    return later(
        "ReadIndexNotReady",
        Error.newBuilder()
            .setReadIndexNotReady(
                ReadIndexNotReady.newBuilder().setReason(reason).setRegionId(regionId)),
        "read index not ready, reason " + reason + ", region " + regionId);
  }

  public static RegionErrorException proposalInMergingMode(long regionId) {
    return later(
        "ProposalInMergingMode",
        Error.newBuilder()
            .setProposalInMergingMode(ProposalInMergingMode.newBuilder().setRegionId(regionId)),
        "region " + regionId + " is in merging mode, can't propose");
  }

  public static RegionErrorException dataIsNotReady(long regionId, long peerId, long safeTs) {
    return elsewhere(
        "DataIsNotReady",
        Error.newBuilder()
            .setDataIsNotReady(
                DataIsNotReady.newBuilder()
                    .setRegionId(regionId)
                    .setPeerId(peerId)
                    .setSafeTs(safeTs)),
        "peer "
            + peerId
            + " is not ready, safe_ts "
            + Long.toUnsignedString(safeTs)
            + ", region "
            + regionId);
  }

  public static RegionErrorException diskFull(List<Long> storeIds, String reason) {
    return later(
        "DiskFull",
        Error.newBuilder()
            .setDiskFull(DiskFull.newBuilder().addAllStoreId(storeIds).setReason(reason)),
        "disk full in stores " + storeIds + ": " + reason);
  }

  public static RegionErrorException recoveryInProgress(long regionId) {
    return later(
        "RecoveryInProgress",
        Error.newBuilder()
            .setRecoveryInProgress(RecoveryInProgress.newBuilder().setRegionId(regionId)),
        "region " + regionId + " is in the recovery progress");
  }

  public static RegionErrorException flashbackInProgress(long regionId, long startTs) {
    return later(
        "FlashbackInProgress",
        Error.newBuilder()
            .setFlashbackInProgress(
                FlashbackInProgress.newBuilder()
                    .setRegionId(regionId)
                    .setFlashbackStartTs(startTs)),
        "region "
            + regionId
            + " is in the flashback progress with start_ts "
            + Long.toUnsignedString(startTs));
  }

  public static RegionErrorException flashbackNotPrepared(long regionId) {
    return later(
        "FlashbackNotPrepared",
        Error.newBuilder()
            .setFlashbackNotPrepared(FlashbackNotPrepared.newBuilder().setRegionId(regionId)),
        "region " + regionId + " is not prepared for the flashback");
  }

  public static RegionErrorException bucketVersionNotMatch(BucketVersionNotMatch detail) {
    return elsewhere(
        "BucketVersionNotMatch",
        Error.newBuilder().setBucketVersionNotMatch(detail),
        "bucket version not match, current version " + detail.getVersion());
  }

  public static RegionErrorException undeterminedResult(String text) {
    return later(
        "UndeterminedResult",
        Error.newBuilder().setUndeterminedResult(UndeterminedResult.newBuilder().setMessage(text)),
        text);
  }

  public static RegionErrorException missingEpoch() {
    return message("KV:Raftstore:Unknown", ErrorCategory.CALLER, "missing epoch!");
  }

  public static RegionErrorException closing() {
    return message("KV:Storage:Closed", ErrorCategory.RETRY_ELSEWHERE, "TiKV is Closing");
  }

  /** An error that has no field of its own, only a text. */
  public static RegionErrorException message(String code, ErrorCategory category, String text) {
    return new RegionErrorException(code, category, Error.newBuilder().setMessage(text).build());
  }

  private static RegionErrorException elsewhere(String name, Error.Builder error, String text) {
    return new RegionErrorException(
        "KV:Raftstore:" + name, ErrorCategory.RETRY_ELSEWHERE, error.setMessage(text).build());
  }

  private static RegionErrorException later(String name, Error.Builder error, String text) {
    return new RegionErrorException(
        "KV:Raftstore:" + name, ErrorCategory.RETRY_LATER, error.setMessage(text).build());
  }

  private static String describe(Peer peer) {
    return "id: " + peer.getId() + " store_id: " + peer.getStoreId();
  }
}
