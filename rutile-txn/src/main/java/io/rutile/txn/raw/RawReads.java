package io.rutile.txn.raw;

import static com.google.protobuf.UnsafeByteOperations.unsafeWrap;

import com.google.protobuf.ByteString;
import io.rutile.base.error.RutileException;
import io.rutile.engine.api.Cf;
import io.rutile.engine.api.ReadOptions;
import io.rutile.proto.errorpb.Error;
import io.rutile.proto.kvrpcpb.ChecksumAlgorithm;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.KeyError;
import io.rutile.proto.kvrpcpb.KeyRange;
import io.rutile.proto.kvrpcpb.KvPair;
import io.rutile.proto.kvrpcpb.RawBatchGetRequest;
import io.rutile.proto.kvrpcpb.RawBatchGetResponse;
import io.rutile.proto.kvrpcpb.RawBatchScanRequest;
import io.rutile.proto.kvrpcpb.RawBatchScanResponse;
import io.rutile.proto.kvrpcpb.RawChecksumRequest;
import io.rutile.proto.kvrpcpb.RawChecksumResponse;
import io.rutile.proto.kvrpcpb.RawGetKeyTTLRequest;
import io.rutile.proto.kvrpcpb.RawGetKeyTTLResponse;
import io.rutile.proto.kvrpcpb.RawGetRequest;
import io.rutile.proto.kvrpcpb.RawGetResponse;
import io.rutile.proto.kvrpcpb.RawScanRequest;
import io.rutile.proto.kvrpcpb.RawScanResponse;
import io.rutile.txn.gate.HotRow;
import io.rutile.txn.gate.HotRows;
import io.rutile.txn.gate.ReadGuard;
import io.rutile.txn.gate.RegionSnapshot;
import io.rutile.txn.read.Read;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The raw reads, each as a {@link Read}. Immutable; any thread. */
public final class RawReads {
  private static final RawGetResponse NOT_FOUND =
      RawGetResponse.newBuilder().setNotFound(true).build();

  private final RawSettings settings;
  private final RawFormat format;

  RawReads(RawSettings settings) {
    this.settings = settings;
    this.format = settings.format();
  }

  /**
   * The answer to a get if its row is at hand; null when it is not, or when the request has to be
   * refused.
   */
  public @Nullable RawGetResponse hot(RawGetRequest request, HotRows rows) {
    byte[] key = request.getKey().toByteArray();
    if (format.versioned()
        || !isDefault(request.getCf())
        || settings.gate().rawKey("raw_get", request.getContext().getApiVersion(), key) != null) {
      return null;
    }
    HotRow row = rows.find(Cf.DEFAULT, format.encodeKey(key));
    if (row == null) {
      return null;
    }
    RawValue value = format.visible(row.value(), settings.nowSeconds());
    return value == null
        ? NOT_FOUND
        : RawGetResponse.newBuilder().setValue(unsafeWrap(value.value())).build();
  }

  public Read<RawGetResponse> get(RawGetRequest request) {
    byte[] key = request.getKey().toByteArray();
    Context context = request.getContext();
    return new RawRead<>(
        context,
        () -> RawException.check(settings.gate().rawKey("raw_get", context.getApiVersion(), key)),
        snapshot -> {
          RawValue value = reader(snapshot, request.getCf(), context).getHot(key);
          return value == null
              ? NOT_FOUND
              : RawGetResponse.newBuilder().setValue(unsafeWrap(value.value())).build();
        },
        error -> RawGetResponse.newBuilder().setRegionError(error).build(),
        text -> RawGetResponse.newBuilder().setError(text).build(),
        () -> pointKey(request.getCf(), key));
  }

  /** Where a get looks, if that is one key: of versions only a scan finds the newest. */
  private Read.@Nullable PointKey pointKey(String family, byte[] userKey) {
    return isDefault(family) && !format.versioned()
        ? new Read.PointKey(Cf.DEFAULT, format.encodeKey(userKey))
        : null;
  }

  private static boolean isDefault(String family) {
    return family.isEmpty() || family.equals(Cf.DEFAULT.wireName());
  }

  public Read<RawBatchGetResponse> batchGet(RawBatchGetRequest request) {
    Context context = request.getContext();
    List<byte[]> keys = request.getKeysList().stream().map(ByteString::toByteArray).toList();
    return new RawRead<>(
        context,
        () -> settings.checkKeys("raw_batch_get", context.getApiVersion(), keys),
        snapshot -> {
          RawReader reader = reader(snapshot, request.getCf(), context);
          RawBatchGetResponse.Builder response = RawBatchGetResponse.newBuilder();
          List<@Nullable RawValue> values = reader.getAll(keys);
          for (int i = 0; i < values.size(); i++) {
            RawValue value = values.get(i);
            if (value != null) {
              response.addPairs(
                  KvPair.newBuilder()
                      .setKey(unsafeWrap(keys.get(i)))
                      .setValue(unsafeWrap(value.value())));
            }
          }
          return response.build();
        },
        error -> RawBatchGetResponse.newBuilder().setRegionError(error).build(),
        text -> RawBatchGetResponse.newBuilder().addPairs(failure(text)).build());
  }

  public Read<RawScanResponse> scan(RawScanRequest request) {
    Context context = request.getContext();
    byte[] start = request.getStartKey().toByteArray();
    byte[] end = request.getEndKey().toByteArray();
    boolean reverse = request.getReverse();
    return new RawRead<>(
        context,
        () ->
            RawException.check(
                reverse
                    ? settings.gate().rawRange("raw_scan", context.getApiVersion(), end, start)
                    : settings.gate().rawRange("raw_scan", context.getApiVersion(), start, end)),
        snapshot -> {
          RawScanResponse.Builder response = RawScanResponse.newBuilder();
          RawReader reader = reader(snapshot, request.getCf(), context);
          scan(reader, request, start, end, response);
          return response.build();
        },
        error -> RawScanResponse.newBuilder().setRegionError(error).build(),
        text -> RawScanResponse.newBuilder().addKvs(failure(text)).build());
  }

  private static void scan(
      RawReader reader,
      RawScanRequest request,
      byte[] start,
      byte[] end,
      RawScanResponse.Builder response) {
    if (request.getReverse()) {
      reader.scanReverse(start, end, request.getLimit(), request.getKeyOnly(), response::addKvs);
    } else {
      reader.scanForward(start, end, request.getLimit(), request.getKeyOnly(), response::addKvs);
    }
  }

  public Read<RawBatchScanResponse> batchScan(RawBatchScanRequest request) {
    Context context = request.getContext();
    List<KeyRange> ranges = RawRanges.resolved(request.getRangesList());
    return new RawRead<>(
        context,
        () -> {
          RawRanges.check(ranges, request.getReverse());
          RawException.check(
              settings
                  .gate()
                  .rawRanges(
                      "raw_batch_scan", context.getApiVersion(), ranges, request.getReverse()));
        },
        snapshot -> {
          RawBatchScanResponse.Builder response = RawBatchScanResponse.newBuilder();
          RawReader reader = reader(snapshot, request.getCf(), context);
          for (KeyRange range : ranges) {
            scanOne(reader, request, range, response);
          }
          return response.build();
        },
        error -> RawBatchScanResponse.newBuilder().setRegionError(error).build(),
        text -> RawBatchScanResponse.newBuilder().addKvs(failure(text)).build());
  }

  private static void scanOne(
      RawReader reader,
      RawBatchScanRequest request,
      KeyRange range,
      RawBatchScanResponse.Builder response) {
    byte[] start = range.getStartKey().toByteArray();
    byte[] end = range.getEndKey().toByteArray();
    int limit = request.getEachLimit();
    if (request.getReverse()) {
      reader.scanReverse(start, end, limit, request.getKeyOnly(), response::addKvs);
    } else {
      reader.scanForward(start, end, limit, request.getKeyOnly(), response::addKvs);
    }
  }

  public Read<RawGetKeyTTLResponse> getKeyTtl(RawGetKeyTTLRequest request) {
    byte[] key = request.getKey().toByteArray();
    Context context = request.getContext();
    return new RawRead<>(
        context,
        () -> {
          RawException.check(
              settings.gate().rawKey("raw_get_key_ttl", context.getApiVersion(), key));
          if (!format.ttlSupported()) {
            throw RawException.getTtlNotEnabled();
          }
        },
        snapshot -> {
          long now = settings.nowSeconds();
          RawValue value = reader(snapshot, request.getCf(), context, now).get(key);
          return value == null
              ? RawGetKeyTTLResponse.newBuilder().setNotFound(true).build()
              : RawGetKeyTTLResponse.newBuilder().setTtl(value.ttl(now)).build();
        },
        error -> RawGetKeyTTLResponse.newBuilder().setRegionError(error).build(),
        text -> RawGetKeyTTLResponse.newBuilder().setError(text).build());
  }

  public Read<RawChecksumResponse> checksum(RawChecksumRequest request) {
    Context context = request.getContext();
    List<KeyRange> ranges = request.getRangesList();
    return new RawRead<>(
        context,
        () -> {
          if (request.getAlgorithm() != ChecksumAlgorithm.Crc64_Xor) {
            throw RawException.unknownChecksum(request.getAlgorithmValue());
          }
          RawException.check(
              settings.gate().rawRanges("raw_checksum", context.getApiVersion(), ranges, false));
        },
        snapshot -> {
          RawReader reader = reader(snapshot, "", context);
          RawChecksum sum = new RawChecksum();
          for (KeyRange range : ranges) {
            byte[] start = range.getStartKey().toByteArray();
            reader.forEach(start, range.getEndKey().toByteArray(), sum::add);
          }
          return sum.toResponse();
        },
        error -> RawChecksumResponse.newBuilder().setRegionError(error).build(),
        text -> RawChecksumResponse.newBuilder().setError(text).build());
  }

  private RawReader reader(RegionSnapshot snapshot, String family, Context context) {
    return reader(snapshot, family, context, settings.nowSeconds());
  }

  private RawReader reader(
      RegionSnapshot snapshot, String family, Context context, long nowSeconds) {
    Cf cf = format.family(family);
    ReadOptions options = ReadOptions.DEFAULT.withFillCache(!context.getNotFillCache());
    return new RawReader(format, snapshot, cf, nowSeconds, options);
  }

  private static KvPair failure(String text) {
    return KvPair.newBuilder().setError(KeyError.newBuilder().setAbort(text)).build();
  }

  /** A raw read put together from its steps. Raw reads check no locks and no timestamps. */
  private record RawRead<R>(
      Context context,
      Runnable checks,
      Function<RegionSnapshot, R> body,
      Function<Error, R> regionErrors,
      Function<String, R> refusals,
      Supplier<Read.@Nullable PointKey> point)
      implements Read<R> {
    RawRead(
        Context context,
        Runnable checks,
        Function<RegionSnapshot, R> body,
        Function<Error, R> regionErrors,
        Function<String, R> refusals) {
      this(context, checks, body, regionErrors, refusals, () -> null);
    }

    @Override
    public Read.@Nullable PointKey pointKey() {
      return point.get();
    }

    @Override
    public ReadGuard guard() {
      return context.getReplicaRead() ? new ReadGuard.Replica(0, List.of()) : ReadGuard.LEADER;
    }

    @Override
    public void beforeSnapshot() {
      checks.run();
    }

    @Override
    public R read(RegionSnapshot snapshot) {
      return body.apply(snapshot);
    }

    @Override
    public R regionError(Error error) {
      return regionErrors.apply(error);
    }

    @Override
    public R refused(RutileException refusal) {
      return refusals.apply(refusal.getMessage());
    }
  }
}
