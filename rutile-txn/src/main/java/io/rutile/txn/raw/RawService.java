package io.rutile.txn.raw;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.rutile.base.clock.Clock;
import io.rutile.base.error.RutileException;
import io.rutile.engine.api.Cf;
import io.rutile.proto.errorpb.Error;
import io.rutile.proto.kvrpcpb.APIVersion;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.KvPair;
import io.rutile.proto.kvrpcpb.RawBatchDeleteRequest;
import io.rutile.proto.kvrpcpb.RawBatchDeleteResponse;
import io.rutile.proto.kvrpcpb.RawBatchPutRequest;
import io.rutile.proto.kvrpcpb.RawBatchPutResponse;
import io.rutile.proto.kvrpcpb.RawCASRequest;
import io.rutile.proto.kvrpcpb.RawCASResponse;
import io.rutile.proto.kvrpcpb.RawDeleteRangeRequest;
import io.rutile.proto.kvrpcpb.RawDeleteRangeResponse;
import io.rutile.proto.kvrpcpb.RawDeleteRequest;
import io.rutile.proto.kvrpcpb.RawDeleteResponse;
import io.rutile.proto.kvrpcpb.RawPutRequest;
import io.rutile.proto.kvrpcpb.RawPutResponse;
import io.rutile.txn.gate.Modify;
import io.rutile.txn.gate.RegionErrorException;
import io.rutile.txn.gate.RegionGate;
import io.rutile.txn.gate.WriteBatchData;
import io.rutile.txn.gate.WriteBatchData.DiskFull;
import io.rutile.txn.keymode.ApiVersionGate;
import io.rutile.txn.read.ReadExecutor;
import io.rutile.txn.scheduler.TxnScheduler;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The raw writes. A plain write is checked and proposed on the calling thread: it needs no latch,
 * no snapshot and no other hop. Writes marked {@code for_cas}, compare-and-swap, and all writes of
 * API V2 run through the scheduler. Safe for use by any thread.
 */
public final class RawService {
  private final RegionGate gate;
  private final TxnScheduler scheduler;
  private final RawSettings settings;
  private final RawFormat format;
  private final CausalFence timestamps;
  private final RawReads reads;
  private final ExpiryFence expiryFence = new ExpiryFence();

  /**
   * @param maxKeySize {@code storage.max-key-size} in bytes
   * @param timestamps used with API V2 only
   */
  public RawService(
      RegionGate gate,
      TxnScheduler scheduler,
      ApiVersionGate apiVersion,
      int maxKeySize,
      Clock clock,
      CausalTimestamps timestamps) {
    this.gate = gate;
    this.scheduler = scheduler;
    this.settings = RawSettings.of(apiVersion, maxKeySize, clock);
    this.format = settings.format();
    this.timestamps = new CausalFence(timestamps);
    this.reads = new RawReads(settings);
  }

  /** Keeps plain writes and the deletion of expired keys apart. */
  ExpiryFence expiryFence() {
    return expiryFence;
  }

  /**
   * Deletes those of the keys (of API V1 with TTL) that are expired. The caller has them held by
   * the fence.
   */
  CompletionStage<RawBatchDeleteResponse> deleteExpired(Context context, List<byte[]> keys) {
    return scheduler.schedule(
        new ExpiredDelete(
            new RawWriteRequest<>(
                "raw_delete_expired",
                context,
                Cf.DEFAULT,
                keys.stream().map(key -> new RawChange(key, null, 0)).toList(),
                RawBatchDeleteResponse.getDefaultInstance(),
                error -> RawBatchDeleteResponse.newBuilder().setRegionError(error).build(),
                text -> RawBatchDeleteResponse.newBuilder().setError(text).build()),
            settings,
            timestamps));
  }

  /** The reads, to be run by whoever owns the read pool. */
  public RawReads reads() {
    return reads;
  }

  public CompletionStage<RawPutResponse> put(RawPutRequest request) {
    return guarded(
        text -> RawPutResponse.newBuilder().setError(text).build(),
        () -> {
          Context context = request.getContext();
          byte[] key = request.getKey().toByteArray();
          settings.checkTtl(request.getTtl());
          RawException.check(settings.gate().rawKey("raw_put", context.getApiVersion(), key));
          settings.checkSize(key);
          return write(
              new RawWriteRequest<>(
                  request.getForCas() ? "raw_atomic_store" : "raw_put",
                  context,
                  format.family(request.getCf()),
                  List.of(new RawChange(key, request.getValue().toByteArray(), request.getTtl())),
                  RawPutResponse.getDefaultInstance(),
                  error -> RawPutResponse.newBuilder().setRegionError(error).build(),
                  text -> RawPutResponse.newBuilder().setError(text).build()),
              request.getForCas());
        });
  }

  public CompletionStage<RawBatchPutResponse> batchPut(RawBatchPutRequest request) {
    return guarded(
        text -> RawBatchPutResponse.newBuilder().setError(text).build(),
        () ->
            write(
                new RawWriteRequest<>(
                    request.getForCas() ? "raw_atomic_store" : "raw_batch_put",
                    request.getContext(),
                    format.family(request.getCf()),
                    puts(request),
                    RawBatchPutResponse.getDefaultInstance(),
                    error -> RawBatchPutResponse.newBuilder().setRegionError(error).build(),
                    text -> RawBatchPutResponse.newBuilder().setError(text).build()),
                request.getForCas()));
  }

  private List<RawChange> puts(RawBatchPutRequest request) {
    int count = request.getPairsCount();
    int ttls = request.getTtlsCount();
    if (ttls > 1 && ttls != count) {
      throw RawException.ttlCountMismatch();
    }
    APIVersion version = request.getContext().getApiVersion();
    RawException.check(settings.gate().rawVersion("raw_batch_put", version));
    List<RawChange> changes = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      KvPair pair = request.getPairs(i);
      byte[] key = pair.getKey().toByteArray();
      long ttl = ttls == 0 ? 0 : request.getTtls(ttls == 1 ? 0 : i);
      settings.checkTtl(ttl);
      RawException.check(settings.gate().rawKey("raw_batch_put", version, key));
      settings.checkSize(key);
      changes.add(new RawChange(key, pair.getValue().toByteArray(), ttl));
    }
    return changes;
  }

  public CompletionStage<RawDeleteResponse> delete(RawDeleteRequest request) {
    return guarded(
        text -> RawDeleteResponse.newBuilder().setError(text).build(),
        () ->
            write(
                new RawWriteRequest<>(
                    request.getForCas() ? "raw_atomic_store" : "raw_delete",
                    request.getContext(),
                    format.family(request.getCf()),
                    deletes("raw_delete", request.getContext(), List.of(request.getKey())),
                    RawDeleteResponse.getDefaultInstance(),
                    error -> RawDeleteResponse.newBuilder().setRegionError(error).build(),
                    text -> RawDeleteResponse.newBuilder().setError(text).build()),
                request.getForCas()));
  }

  public CompletionStage<RawBatchDeleteResponse> batchDelete(RawBatchDeleteRequest request) {
    return guarded(
        text -> RawBatchDeleteResponse.newBuilder().setError(text).build(),
        () ->
            write(
                new RawWriteRequest<>(
                    request.getForCas() ? "raw_atomic_store" : "raw_batch_delete",
                    request.getContext(),
                    format.family(request.getCf()),
                    deletes("raw_batch_delete", request.getContext(), request.getKeysList()),
                    RawBatchDeleteResponse.getDefaultInstance(),
                    error -> RawBatchDeleteResponse.newBuilder().setRegionError(error).build(),
                    text -> RawBatchDeleteResponse.newBuilder().setError(text).build()),
                request.getForCas()));
  }

  private List<RawChange> deletes(String command, Context context, List<ByteString> keys) {
    RawException.check(settings.gate().rawVersion(command, context.getApiVersion()));
    List<RawChange> changes = new ArrayList<>(keys.size());
    for (ByteString bytes : keys) {
      byte[] key = bytes.toByteArray();
      RawException.check(settings.gate().rawKey(command, context.getApiVersion(), key));
      settings.checkSize(key);
      changes.add(new RawChange(key, null, 0));
    }
    return changes;
  }

  public CompletionStage<RawDeleteRangeResponse> deleteRange(RawDeleteRangeRequest request) {
    return guarded(
        text -> RawDeleteRangeResponse.newBuilder().setError(text).build(),
        () -> {
          Context context = request.getContext();
          byte[] start = request.getStartKey().toByteArray();
          byte[] end = request.getEndKey().toByteArray();
          Cf cf = format.family(request.getCf());
          if (end.length == 0) {
            throw RawException.unboundedDelete();
          }
          RawException.check(
              settings.gate().rawRange("raw_delete_range", context.getApiVersion(), start, end));
          settings.checkSize(start);
          settings.checkSize(end);
          byte[] from = format.encodeKey(start);
          byte[] to = format.encodeKey(end);
          RawDeleteRangeResponse done = RawDeleteRangeResponse.getDefaultInstance();
          if (Arrays.compareUnsigned(from, to) >= 0) {
            return CompletableFuture.completedFuture(done);
          }
          return propose(
              context,
              List.of(new Modify.DeleteRange(cf, from, to, false)),
              done,
              error -> RawDeleteRangeResponse.newBuilder().setRegionError(error).build());
        });
  }

  public CompletionStage<RawCASResponse> compareAndSwap(RawCASRequest request) {
    return guarded(
        text -> RawCASResponse.newBuilder().setError(text).build(),
        () -> {
          Context context = request.getContext();
          byte[] key = request.getKey().toByteArray();
          settings.checkTtl(request.getTtl());
          RawException.check(
              settings.gate().rawKey("raw_compare_and_swap", context.getApiVersion(), key));
          settings.checkSize(key);
          byte[] value = request.getDelete() ? null : request.getValue().toByteArray();
          RawWriteRequest<RawCASResponse> write =
              new RawWriteRequest<>(
                  "raw_compare_and_swap",
                  context,
                  format.family(request.getCf()),
                  List.of(new RawChange(key, value, request.getTtl())),
                  RawCASResponse.getDefaultInstance(),
                  error -> RawCASResponse.newBuilder().setRegionError(error).build(),
                  text -> RawCASResponse.newBuilder().setError(text).build());
          return scheduler.schedule(new CompareAndSwap(request, write, settings, timestamps));
        });
  }

  private <R extends Message> CompletionStage<R> write(RawWriteRequest<R> request, boolean atomic) {
    if (request.changes().isEmpty()) {
      return CompletableFuture.completedFuture(request.success());
    }
    if (atomic || format.versioned()) {
      return scheduler.schedule(new RawWork.Blind<>(request, settings, timestamps, atomic));
    }
    if (!format.ttlSupported()) {
      return proposePlain(request);
    }
    int ticket = expiryFence.enter(request.changes());
    return ticket == ExpiryFence.HELD
        ? scheduler.schedule(new RawWork.Blind<>(request, settings, timestamps, true))
        : proposePlain(request).whenComplete((response, failure) -> expiryFence.leave(ticket));
  }

  private <R extends Message> CompletionStage<R> proposePlain(RawWriteRequest<R> request) {
    long now = settings.nowSeconds();
    List<Modify> modifies = new ArrayList<>(request.changes().size());
    for (RawChange change : request.changes()) {
      modifies.add(RawWork.encode(format, request.cf(), change, now, 0));
    }
    return propose(request.context(), modifies, request.success(), request.regionErrors());
  }

  private <R> CompletionStage<R> propose(
      Context context, List<Modify> modifies, R success, Function<Error, R> regionErrors) {
    CompletableFuture<R> reply = new CompletableFuture<>();
    WriteBatchData data = WriteBatchData.of(modifies).withDiskFull(DiskFull.ALMOST_FULL);
    gate.propose(ReadExecutor.withDeadline(context, settings.clock()), data)
        .whenComplete((applied, failure) -> {
          if (failure == null) {
            reply.complete(success);
          } else if (ReadExecutor.cause(failure) instanceof RegionErrorException e) {
            reply.complete(regionErrors.apply(e.error()));
          } else {
            reply.completeExceptionally(ReadExecutor.cause(failure));
          }
        });
    return reply;
  }

  /** Turns a refusal of the request into its answer. */
  private static <R> CompletionStage<R> guarded(
      Function<String, R> refusals, Supplier<CompletionStage<R>> body) {
    try {
      return body.get();
    } catch (RawException e) {
      return CompletableFuture.completedFuture(refusals.apply(e.getMessage()));
    } catch (RutileException e) {
      return CompletableFuture.failedFuture(e);
    }
  }
}
