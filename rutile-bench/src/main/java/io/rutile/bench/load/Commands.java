package io.rutile.bench.load;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.rutile.proto.kvrpcpb.CommitRequest;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.GetRequest;
import io.rutile.proto.kvrpcpb.Mutation;
import io.rutile.proto.kvrpcpb.Op;
import io.rutile.proto.kvrpcpb.PrewriteRequest;
import io.rutile.proto.kvrpcpb.RawGetRequest;
import io.rutile.proto.kvrpcpb.RawPutRequest;
import io.rutile.proto.kvrpcpb.RawScanRequest;
import io.rutile.proto.kvrpcpb.ScanRequest;
import io.rutile.proto.tikvpb.BatchCommandsRequest.Request;
import io.rutile.proto.tikvpb.BatchCommandsResponse.Response;
import java.util.SplittableRandom;

/** Builds requests and judges answers. Immutable. */
final class Commands {
  /** What an answer means for the loop. */
  enum Verdict {
    DONE,
    /** The region moved: refresh routes and send again. */
    REROUTE,
    /** A lock or a newer write is in the way: a new transaction may do better. */
    CONFLICT,
    FAILED
  }

  private static final long LOCK_TTL_MILLIS = 3000;

  private final LoadConfig config;
  private final ByteString value;

  Commands(LoadConfig config) {
    this.config = config;
    byte[] bytes = new byte[config.valueBytes()];
    new SplittableRandom(config.seed()).nextBytes(bytes);
    this.value = UnsafeByteOperations.unsafeWrap(bytes);
  }

  ByteString value() {
    return value;
  }

  Request raw(Operation operation, byte[] key, Context context) {
    ByteString wrapped = UnsafeByteOperations.unsafeWrap(key);
    Request.Builder request = Request.newBuilder();
    switch (operation) {
      case GET -> request.setRawGet(RawGetRequest.newBuilder().setContext(context).setKey(wrapped));
      case PUT ->
          request.setRawPut(
              RawPutRequest.newBuilder().setContext(context).setKey(wrapped).setValue(value));
      case SCAN ->
          request.setRawScan(
              RawScanRequest.newBuilder()
                  .setContext(context)
                  .setStartKey(wrapped)
                  .setLimit(config.scanLimit()));
    }
    return request.build();
  }

  /** A transaction's read at {@code ts}. */
  Request read(Operation operation, byte[] key, Context context, long ts) {
    ByteString wrapped = UnsafeByteOperations.unsafeWrap(key);
    return switch (operation) {
      case GET ->
          Request.newBuilder()
              .setGet(GetRequest.newBuilder().setContext(context).setKey(wrapped).setVersion(ts))
              .build();
      case SCAN ->
          Request.newBuilder()
              .setScan(
                  ScanRequest.newBuilder()
                      .setContext(context)
                      .setStartKey(wrapped)
                      .setLimit(config.scanLimit())
                      .setVersion(ts))
              .build();
      case PUT -> throw new IllegalArgumentException("a put is not a read");
    };
  }

  Request prewrite(byte[][] keys, Context context, long startTs) {
    ByteString primary = UnsafeByteOperations.unsafeWrap(keys[0]);
    PrewriteRequest.Builder prewrite =
        PrewriteRequest.newBuilder()
            .setContext(context)
            .setPrimaryLock(primary)
            .setStartVersion(startTs)
            .setLockTtl(LOCK_TTL_MILLIS)
            .setTxnSize(keys.length);
    for (byte[] key : keys) {
      prewrite.addMutations(
          Mutation.newBuilder()
              .setOp(Op.Put)
              .setKey(UnsafeByteOperations.unsafeWrap(key))
              .setValue(value));
    }
    switch (config.commit()) {
      case TWO_PHASE -> {
        // Nothing more to say.
      }
      case ASYNC -> {
        prewrite.setUseAsyncCommit(true).setMinCommitTs(startTs + 1);
        for (int i = 1; i < keys.length; i++) {
          prewrite.addSecondaries(UnsafeByteOperations.unsafeWrap(keys[i]));
        }
      }
      case ONE_PHASE -> prewrite.setTryOnePc(true).setMinCommitTs(startTs + 1);
    }
    return Request.newBuilder().setPrewrite(prewrite).build();
  }

  Request commit(byte[][] keys, Context context, long startTs, long commitTs) {
    CommitRequest.Builder commit =
        CommitRequest.newBuilder()
            .setContext(context)
            .setStartVersion(startTs)
            .setCommitVersion(commitTs);
    for (byte[] key : keys) {
      commit.addKeys(UnsafeByteOperations.unsafeWrap(key));
    }
    return Request.newBuilder().setCommit(commit).build();
  }

  Verdict judge(Response response) {
    return switch (response.getCmdCase()) {
      case RAWGET ->
          verdict(
              response.getRawGet().hasRegionError(), !response.getRawGet().getError().isEmpty());
      case RAWPUT ->
          verdict(
              response.getRawPut().hasRegionError(), !response.getRawPut().getError().isEmpty());
      case RAWSCAN -> verdict(response.getRawScan().hasRegionError(), false);
      case GET -> conflict(response.getGet().hasRegionError(), response.getGet().hasError());
      case SCAN ->
          conflict(
              response.getScan().hasRegionError(),
              response.getScan().hasError()
                  || (response.getScan().getPairsCount() > 0
                      && response.getScan().getPairs(0).hasError()));
      case PREWRITE ->
          conflict(
              response.getPrewrite().hasRegionError(), response.getPrewrite().getErrorsCount() > 0);
      case COMMIT ->
          conflict(response.getCommit().hasRegionError(), response.getCommit().hasError());
      default -> Verdict.FAILED;
    };
  }

  private static Verdict verdict(boolean regionError, boolean error) {
    return regionError ? Verdict.REROUTE : error ? Verdict.FAILED : Verdict.DONE;
  }

  private static Verdict conflict(boolean regionError, boolean keyError) {
    return regionError ? Verdict.REROUTE : keyError ? Verdict.CONFLICT : Verdict.DONE;
  }
}
