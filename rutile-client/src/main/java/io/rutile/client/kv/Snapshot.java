package io.rutile.client.kv;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.rutile.proto.kvrpcpb.BatchGetRequest;
import io.rutile.proto.kvrpcpb.BatchGetResponse;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.GetRequest;
import io.rutile.proto.kvrpcpb.GetResponse;
import io.rutile.proto.kvrpcpb.KeyError;
import io.rutile.proto.kvrpcpb.KvPair;
import io.rutile.proto.kvrpcpb.ScanRequest;
import io.rutile.proto.kvrpcpb.ScanResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads of the data as of one timestamp. A lock in the way is resolved, or its transaction is
 * pushed past this snapshot. Belongs to one thread at a time.
 */
public final class Snapshot {
  private static final long LIMIT_MILLIS = 20_000;

  private final RegionRequests requests;
  private final LockResolver resolver;
  private final long timestamp;

  /** Transactions that were pushed past this snapshot: their locks hide nothing. */
  private final List<Long> passable = new ArrayList<>();

  Snapshot(RegionRequests requests, LockResolver resolver, long timestamp) {
    this.requests = requests;
    this.resolver = resolver;
    this.timestamp = timestamp;
  }

  public long timestamp() {
    return timestamp;
  }

  public Optional<byte[]> get(byte[] key) {
    byte[] target = requests.mode().toRequest(key);
    Backoff backoff = requests.backoff(LIMIT_MILLIS);
    while (true) {
      GetResponse response =
          requests
              .send(
                  target,
                  Rpc.GET,
                  context ->
                      GetRequest.newBuilder()
                          .setContext(passing(context))
                          .setKey(UnsafeByteOperations.unsafeWrap(target))
                          .setVersion(timestamp)
                          .build(),
                  backoff)
              .value();
      if (!response.hasError()) {
        return response.getNotFound()
            ? Optional.empty()
            : Optional.of(response.getValue().toByteArray());
      }
      resolver.clear(List.of(response.getError()), timestamp, passable, backoff);
    }
  }

  /** Values of those keys that exist, in no particular order. */
  public List<RawClient.Pair> batchGet(List<byte[]> keys) {
    List<RawClient.Pair> found = new ArrayList<>();
    Backoff backoff = requests.backoff(LIMIT_MILLIS);
    List<ByteString> left =
        keys.stream()
            .map(key -> UnsafeByteOperations.unsafeWrap(requests.mode().toRequest(key)))
            .toList();
    while (!left.isEmpty()) {
      List<ByteString> again = new ArrayList<>();
      for (var group : requests.byRegion(left, ByteString::toByteArray, backoff).entrySet()) {
        try {
          Optional<BatchGetResponse> answered =
              requests.attempt(
                  group.getKey(),
                  Rpc.BATCH_GET,
                  (region, context) ->
                      BatchGetRequest.newBuilder()
                          .setContext(passing(context))
                          .addAllKeys(group.getValue())
                          .setVersion(timestamp)
                          .build(),
                  backoff);
          if (answered.isEmpty() || !take(answered.get(), found, backoff)) {
            again.addAll(group.getValue());
          }
        } catch (RegionRequests.Interrupted interrupted) {
          requests.pauseAfterCut(backoff, interrupted);
          again.addAll(group.getValue());
        }
      }
      left = again;
    }
    return found;
  }

  /**
   * Adds the pairs of an answer that met no lock; otherwise resolves the locks and takes nothing.
   */
  private boolean take(BatchGetResponse response, List<RawClient.Pair> found, Backoff backoff) {
    List<KeyError> errors =
        errorsOf(response.hasError() ? response.getError() : null, response.getPairsList());
    if (!errors.isEmpty()) {
      resolver.clear(errors, timestamp, passable, backoff);
      return false;
    }
    response.getPairsList().forEach(pair -> found.add(toPair(pair)));
    return true;
  }

  /** At most {@code limit} pairs of [start, end) in order; an empty end for no bound. */
  public List<RawClient.Pair> scan(byte[] start, byte[] end, int limit) {
    List<RawClient.Pair> pairs = new ArrayList<>();
    Backoff backoff = requests.backoff(LIMIT_MILLIS);
    byte[] from = requests.mode().toRequest(start);
    byte[] to = requests.mode().endToRequest(end);
    while (pairs.size() < limit) {
      byte[] at = from;
      int left = limit - pairs.size();
      RegionRequests.Answer<ScanResponse> answer =
          requests.send(
              at,
              Rpc.SCAN,
              context ->
                  ScanRequest.newBuilder()
                      .setContext(passing(context))
                      .setStartKey(UnsafeByteOperations.unsafeWrap(at))
                      .setEndKey(UnsafeByteOperations.unsafeWrap(to))
                      .setLimit(left)
                      .setVersion(timestamp)
                      .build(),
              backoff);
      ScanResponse response = answer.value();
      List<KeyError> errors =
          errorsOf(response.hasError() ? response.getError() : null, response.getPairsList());
      if (!errors.isEmpty()) {
        resolver.clear(errors, timestamp, passable, backoff);
        continue;
      }
      response.getPairsList().forEach(pair -> pairs.add(toPair(pair)));
      Optional<byte[]> next = requests.after(answer.region(), to);
      if (next.isEmpty()) {
        break;
      }
      from = next.get();
    }
    return pairs;
  }

  /** The errors of a response: its own, and those of its pairs. */
  private static List<KeyError> errorsOf(@Nullable KeyError whole, List<KvPair> pairs) {
    List<KeyError> errors = new ArrayList<>();
    if (whole != null) {
      errors.add(whole);
    }
    for (KvPair pair : pairs) {
      if (pair.hasError()) {
        errors.add(pair.getError());
      }
    }
    return errors;
  }

  private Context passing(Context context) {
    return passable.isEmpty() ? context : context.toBuilder().addAllResolvedLocks(passable).build();
  }

  private RawClient.Pair toPair(KvPair pair) {
    return new RawClient.Pair(
        requests.mode().fromResponse(pair.getKey().toByteArray()), pair.getValue().toByteArray());
  }
}
