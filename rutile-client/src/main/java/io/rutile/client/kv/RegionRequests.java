package io.rutile.client.kv;

import io.grpc.CallOptions;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.rutile.base.bytes.Bytes;
import io.rutile.base.clock.Clock;
import io.rutile.client.pd.PdClient;
import io.rutile.proto.errorpb.Error;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.rpc.channel.ChannelPool;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * Sends requests to the region of a key and repeats them while region errors say that another place
 * or a later time will do. Blocks the calling thread. Safe for use by any thread.
 */
final class RegionRequests {
  private static final long ATTEMPT_MILLIS = 10_000;

  /**
   * An answer and the region that gave it.
   *
   * @param ambiguous an earlier attempt may have taken effect without its answer reaching us
   */
  record Answer<A>(A value, CachedRegion region, boolean ambiguous) {}

  private final ChannelPool channels;
  private final RegionCache regions;
  private final KeyMode mode;
  private final Clock clock;

  RegionRequests(ChannelPool channels, PdClient pd, KeyMode mode, Clock clock) {
    this.channels = channels;
    this.regions = new RegionCache(pd);
    this.mode = mode;
    this.clock = clock;
  }

  KeyMode mode() {
    return mode;
  }

  Backoff backoff(long limitMillis) {
    return new Backoff(clock, limitMillis);
  }

  /**
   * Sends one request to the region of {@code key} until an answer without region error comes.
   *
   * @param key as requests carry it
   * @throws KvException TIMEOUT, or UNDETERMINED when an attempt was cut off that may have taken
   *     effect
   */
  <Q, A> Answer<A> send(byte[] key, Rpc<Q, A> rpc, Function<Context, Q> request, Backoff backoff) {
    return send(key, rpc, (region, context) -> request.apply(context), backoff);
  }

  /** As above, for requests that depend on the region's bounds. */
  <Q, A> Answer<A> send(
      byte[] key, Rpc<Q, A> rpc, BiFunction<CachedRegion, Context, Q> request, Backoff backoff) {
    boolean ambiguous = false;
    byte[] regionKey = mode.toRegion(key);
    while (true) {
      try {
        Optional<CachedRegion> located = regions.locate(regionKey);
        if (located.isEmpty()) {
          backoff.pause("no region holds key " + Bytes.hex(key));
          continue;
        }
        Optional<A> answer = attempt(located.get(), rpc, request, backoff);
        if (answer.isPresent()) {
          return new Answer<>(answer.get(), located.get(), ambiguous);
        }
      } catch (Interrupted interrupted) {
        ambiguous = true;
        pauseAfterCut(backoff, interrupted);
      } catch (KvException e) {
        throw ambiguous && e.kind() == KvException.Kind.TIMEOUT
            ? new KvException(KvException.Kind.UNDETERMINED, String.valueOf(e.getMessage()), e)
            : e;
      }
    }
  }

  /**
   * Splits keys by the region that holds them, in order of first appearance. The split is a guess
   * of the moment: a region error tells when it was wrong, and the caller splits again.
   */
  <T> Map<CachedRegion, List<T>> byRegion(
      List<T> items, Function<T, byte[]> keyOf, Backoff backoff) {
    Map<CachedRegion, List<T>> groups = new LinkedHashMap<>();
    for (T item : items) {
      byte[] regionKey = mode.toRegion(keyOf.apply(item));
      Optional<CachedRegion> region = regions.locate(regionKey);
      while (region.isEmpty()) {
        backoff.pause("no region holds key " + Bytes.hex(keyOf.apply(item)));
        region = regions.locate(regionKey);
      }
      groups.computeIfAbsent(region.get(), any -> new ArrayList<>()).add(item);
    }
    return groups;
  }

  /**
   * Sends one request to exactly {@code region}; nothing when a region error came, after which the
   * caller splits its keys anew.
   *
   * @throws Interrupted when the request was cut off and may have taken effect
   */
  <Q, A> Optional<A> attempt(
      CachedRegion region,
      Rpc<Q, A> rpc,
      BiFunction<CachedRegion, Context, Q> request,
      Backoff backoff) {
    long storeId = region.leader().getStoreId();
    String address = regions.address(storeId);
    A answer;
    try {
      answer =
          ClientCalls.blockingUnaryCall(
              channels.channel(address),
              rpc.method(),
              CallOptions.DEFAULT.withDeadlineAfter(ATTEMPT_MILLIS, TimeUnit.MILLISECONDS),
              request.apply(region, contextOf(region)));
    } catch (StatusRuntimeException e) {
      throw onFailure(region, storeId, address, e);
    }
    Error error = rpc.regionError().apply(answer);
    if (error == null) {
      return Optional.of(answer);
    }
    if (error.hasUndeterminedResult()) {
      throw new Interrupted(error.getMessage());
    }
    onRegionError(region, error, backoff);
    return Optional.empty();
  }

  /**
   * Where a walk over [.., end) goes on after {@code region}, as requests carry it; nothing when
   * the region was the last.
   */
  Optional<byte[]> after(CachedRegion region, byte[] end) {
    byte[] regionEnd = mode.boundToRequest(region.endKey());
    boolean last = regionEnd.length == 0 || (end.length > 0 && Bytes.compare(regionEnd, end) >= 0);
    return last ? Optional.empty() : Optional.of(regionEnd);
  }

  /** Waits after a request was cut off; a time-out is then UNDETERMINED. */
  void pauseAfterCut(Backoff backoff, Interrupted interrupted) {
    try {
      backoff.pause(interrupted.reason);
    } catch (KvException e) {
      throw new KvException(KvException.Kind.UNDETERMINED, String.valueOf(e.getMessage()), e);
    }
  }

  private Context contextOf(CachedRegion region) {
    return Context.newBuilder()
        .setRegionId(region.meta().getId())
        .setRegionEpoch(region.meta().getRegionEpoch())
        .setPeer(region.leader())
        .setApiVersion(mode.version())
        .build();
  }

  private RuntimeException onFailure(
      CachedRegion region, long storeId, String address, StatusRuntimeException failure) {
    Status.Code code = failure.getStatus().getCode();
    if (code == Status.Code.UNAVAILABLE
        || code == Status.Code.DEADLINE_EXCEEDED
        || code == Status.Code.CANCELLED
        || code == Status.Code.RESOURCE_EXHAUSTED) {
      regions.forget(region);
      regions.forgetStore(storeId);
      return new Interrupted("store " + storeId + " at " + address + ": " + failure.getMessage());
    }
    return new KvException(
        KvException.Kind.ABORTED, "store " + address + ": " + failure.getMessage(), failure);
  }

  private void onRegionError(CachedRegion region, Error error, Backoff backoff) {
    if (error.hasNotLeader() && error.getNotLeader().hasLeader()) {
      regions.leaderIs(region, error.getNotLeader().getLeader());
      return;
    }
    if (error.hasEpochNotMatch() && error.getEpochNotMatch().getCurrentRegionsCount() > 0) {
      regions.replace(region, error.getEpochNotMatch().getCurrentRegionsList());
      return;
    }
    if (error.hasRaftEntryTooLarge()) {
      throw new KvException(KvException.Kind.ABORTED, error.getMessage());
    }
    boolean sameplace =
        error.hasServerIsBusy()
            || error.hasMaxTimestampNotSynced()
            || error.hasReadIndexNotReady()
            || error.hasProposalInMergingMode()
            || error.hasDiskFull();
    if (!sameplace) {
      regions.forget(region);
    }
    backoff.pause(error.getMessage());
  }

  /** A request whose answer did not come: it may have taken effect. */
  static final class Interrupted extends RuntimeException {
    private final String reason;

    Interrupted(String reason) {
      super(reason, null, false, false);
      this.reason = reason;
    }
  }
}
