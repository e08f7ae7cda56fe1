package io.rutile.client.kv;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.rutile.base.bytes.Bytes;
import io.rutile.base.clock.Clock;
import io.rutile.client.pd.PdClient;
import io.rutile.proto.kvrpcpb.KvPair;
import io.rutile.proto.kvrpcpb.RawBatchGetRequest;
import io.rutile.proto.kvrpcpb.RawBatchGetResponse;
import io.rutile.proto.kvrpcpb.RawBatchPutRequest;
import io.rutile.proto.kvrpcpb.RawBatchPutResponse;
import io.rutile.proto.kvrpcpb.RawCASRequest;
import io.rutile.proto.kvrpcpb.RawCASResponse;
import io.rutile.proto.kvrpcpb.RawDeleteRangeRequest;
import io.rutile.proto.kvrpcpb.RawDeleteRequest;
import io.rutile.proto.kvrpcpb.RawGetRequest;
import io.rutile.proto.kvrpcpb.RawGetResponse;
import io.rutile.proto.kvrpcpb.RawPutRequest;
import io.rutile.proto.kvrpcpb.RawScanRequest;
import io.rutile.proto.kvrpcpb.RawScanResponse;
import io.rutile.rpc.channel.ChannelPool;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Raw keys: each operation on one key is atomic and linearizable (with {@code forCas} where puts
 * mix with swaps). Methods block and throw {@link KvException}. Safe for use by any thread.
 */
public final class RawClient {
  private static final long LIMIT_MILLIS = 20_000;

  /** A key and its value. */
  public record Pair(byte[] key, byte[] value) {}

  /**
   * What a compare-and-swap did.
   *
   * @param found the value that was there; empty for none
   */
  public record SwapResult(boolean swapped, Optional<byte[]> found) {}

  private final RegionRequests requests;
  private final KeyMode mode;

  public RawClient(ChannelPool channels, PdClient pd, KeyMode mode, Clock clock) {
    this.requests = new RegionRequests(channels, pd, mode, clock);
    this.mode = mode;
  }

  public Optional<byte[]> get(byte[] key) {
    byte[] target = mode.toRequest(key);
    RawGetResponse response =
        requests
            .send(
                target,
                Rpc.RAW_GET,
                context ->
                    RawGetRequest.newBuilder().setContext(context).setKey(wrap(target)).build(),
                requests.backoff(LIMIT_MILLIS))
            .value();
    check(response.getError());
    return response.getNotFound()
        ? Optional.empty()
        : Optional.of(response.getValue().toByteArray());
  }

  /** Writes a value; {@code ttlSeconds} 0 for no end of life. */
  public void put(byte[] key, byte[] value, long ttlSeconds, boolean forCas) {
    byte[] target = mode.toRequest(key);
    check(
        requests
            .send(
                target,
                Rpc.RAW_PUT,
                context ->
                    RawPutRequest.newBuilder()
                        .setContext(context)
                        .setKey(wrap(target))
                        .setValue(wrap(value))
                        .setTtl(ttlSeconds)
                        .setForCas(forCas)
                        .build(),
                requests.backoff(LIMIT_MILLIS))
            .value()
            .getError());
  }

  public void put(byte[] key, byte[] value) {
    put(key, value, 0, false);
  }

  public void delete(byte[] key, boolean forCas) {
    byte[] target = mode.toRequest(key);
    check(
        requests
            .send(
                target,
                Rpc.RAW_DELETE,
                context ->
                    RawDeleteRequest.newBuilder()
                        .setContext(context)
                        .setKey(wrap(target))
                        .setForCas(forCas)
                        .build(),
                requests.backoff(LIMIT_MILLIS))
            .value()
            .getError());
  }

  /** Writes {@code value} when the current one is {@code expected} (empty: when there is none). */
  public SwapResult compareAndSwap(byte[] key, Optional<byte[]> expected, byte[] value) {
    byte[] target = mode.toRequest(key);
    RegionRequests.Answer<RawCASResponse> answer =
        requests.send(
            target,
            Rpc.RAW_CAS,
            context ->
                RawCASRequest.newBuilder()
                    .setContext(context)
                    .setKey(wrap(target))
                    .setValue(wrap(value))
                    .setPreviousNotExist(expected.isEmpty())
                    .setPreviousValue(expected.map(RawClient::wrap).orElse(ByteString.EMPTY))
                    .build(),
            requests.backoff(LIMIT_MILLIS));
    check(answer.value().getError());
    if (answer.ambiguous()) {
      throw new KvException(
          KvException.Kind.UNDETERMINED, "an earlier attempt of the swap may have succeeded");
    }
    return new SwapResult(
        answer.value().getSucceed(),
        answer.value().getPreviousNotExist()
            ? Optional.empty()
            : Optional.of(answer.value().getPreviousValue().toByteArray()));
  }

  /** Values of those keys that exist. */
  public List<Pair> batchGet(List<byte[]> keys) {
    List<Pair> found = new ArrayList<>();
    Backoff backoff = requests.backoff(LIMIT_MILLIS);
    List<byte[]> left = keys.stream().map(mode::toRequest).toList();
    while (!left.isEmpty()) {
      List<byte[]> missed = new ArrayList<>();
      requests
          .byRegion(left, key -> key, backoff)
          .forEach((region, some) -> {
            Optional<RawBatchGetResponse> response =
                attempt(
                    region,
                    Rpc.RAW_BATCH_GET,
                    context ->
                        RawBatchGetRequest.newBuilder()
                            .setContext(context)
                            .addAllKeys(some.stream().map(RawClient::wrap).toList())
                            .build(),
                    backoff);
            if (response.isEmpty()) {
              missed.addAll(some);
            } else {
              response.get().getPairsList().forEach(pair -> found.add(toPair(pair)));
            }
          });
      left = missed;
    }
    return found;
  }

  /** Writes all pairs; atomic only within a region. */
  public void batchPut(List<Pair> pairs) {
    Backoff backoff = requests.backoff(LIMIT_MILLIS);
    List<Pair> left =
        pairs.stream().map(pair -> new Pair(mode.toRequest(pair.key()), pair.value())).toList();
    while (!left.isEmpty()) {
      List<Pair> missed = new ArrayList<>();
      requests
          .byRegion(left, Pair::key, backoff)
          .forEach((region, some) -> {
            Optional<RawBatchPutResponse> response =
                attempt(
                    region,
                    Rpc.RAW_BATCH_PUT,
                    context -> {
                      RawBatchPutRequest.Builder request =
                          RawBatchPutRequest.newBuilder().setContext(context);
                      for (Pair pair : some) {
                        request.addPairs(
                            KvPair.newBuilder()
                                .setKey(wrap(pair.key()))
                                .setValue(wrap(pair.value())));
                      }
                      return request.build();
                    },
                    backoff);
            response.ifPresentOrElse(answer -> check(answer.getError()), () -> missed.addAll(some));
          });
      left = missed;
    }
  }

  /** At most {@code limit} pairs of [start, end) in order; an empty end for no bound. */
  public List<Pair> scan(byte[] start, byte[] end, int limit) {
    List<Pair> pairs = new ArrayList<>();
    Backoff backoff = requests.backoff(LIMIT_MILLIS);
    byte[] from = mode.toRequest(start);
    byte[] to = mode.endToRequest(end);
    while (pairs.size() < limit) {
      byte[] at = from;
      int left = limit - pairs.size();
      RegionRequests.Answer<RawScanResponse> answer =
          requests.send(
              at,
              Rpc.RAW_SCAN,
              context ->
                  RawScanRequest.newBuilder()
                      .setContext(context)
                      .setStartKey(wrap(at))
                      .setEndKey(wrap(to))
                      .setLimit(left)
                      .build(),
              backoff);
      answer.value().getKvsList().forEach(pair -> pairs.add(toPair(pair)));
      Optional<byte[]> next = requests.after(answer.region(), to);
      if (next.isEmpty()) {
        break;
      }
      from = next.get();
    }
    return pairs;
  }

  /** Deletes [start, end), region by region. */
  public void deleteRange(byte[] start, byte[] end) {
    Backoff backoff = requests.backoff(LIMIT_MILLIS);
    byte[] from = mode.toRequest(start);
    byte[] to = mode.endToRequest(end);
    while (true) {
      byte[] at = from;
      RegionRequests.Answer<io.rutile.proto.kvrpcpb.RawDeleteRangeResponse> answer =
          requests.send(
              at,
              Rpc.RAW_DELETE_RANGE,
              (region, context) ->
                  RawDeleteRangeRequest.newBuilder()
                      .setContext(context)
                      .setStartKey(wrap(at))
                      .setEndKey(wrap(smallerEnd(mode.boundToRequest(region.endKey()), to)))
                      .build(),
              backoff);
      check(answer.value().getError());
      Optional<byte[]> next = requests.after(answer.region(), to);
      if (next.isEmpty()) {
        return;
      }
      from = next.get();
    }
  }

  /** The smaller of two upper bounds, an empty one being the greatest. */
  static byte[] smallerEnd(byte[] a, byte[] b) {
    if (a.length == 0) {
      return b;
    }
    return b.length == 0 || Bytes.compare(a, b) < 0 ? a : b;
  }

  private <Q, A> Optional<A> attempt(
      CachedRegion region,
      Rpc<Q, A> rpc,
      java.util.function.Function<io.rutile.proto.kvrpcpb.Context, Q> request,
      Backoff backoff) {
    try {
      return requests.attempt(region, rpc, (ignored, context) -> request.apply(context), backoff);
    } catch (RegionRequests.Interrupted interrupted) {
      requests.pauseAfterCut(backoff, interrupted);
      return Optional.empty();
    }
  }

  private Pair toPair(KvPair pair) {
    if (pair.hasError()) {
      throw new KvException(KvException.Kind.ABORTED, pair.getError().getAbort());
    }
    return new Pair(mode.fromResponse(pair.getKey().toByteArray()), pair.getValue().toByteArray());
  }

  private static void check(String error) {
    if (!error.isEmpty()) {
      throw new KvException(KvException.Kind.ABORTED, error);
    }
  }

  private static ByteString wrap(byte[] bytes) {
    return UnsafeByteOperations.unsafeWrap(bytes);
  }
}
