package io.rutile.pd.gc;

import io.rutile.base.clock.Clock;
import io.rutile.base.error.CorruptionException;
import io.rutile.pd.keyspace.Keyspaces;
import io.rutile.pd.meta.MetaKv;
import io.rutile.pd.meta.MetaPaths;
import io.rutile.proto.keyspacepb.KeyspaceMeta;
import io.rutile.proto.mvccpb.KeyValue;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Safe points and barriers of all scopes. Timestamps are compared unsigned.
 *
 * <p>A keyspace has points of its own only when its config says {@code gc_management_type =
 * keyspace_level}; else user calls for it mean the unified scope, and administrative ones fail.
 */
public final class GcStates {
  /** The barrier name that the garbage collector itself has in the older calls. */
  public static final String GC_WORKER = "gc_worker";

  private static final JsonMapper JSON = JsonMapper.shared();

  private final Clock clock;
  private final MetaKv meta;
  private final MetaPaths paths;
  private final Keyspaces keyspaces;
  private final ReentrantLock lock = new ReentrantLock();

  public GcStates(Clock clock, MetaKv meta, MetaPaths paths, Keyspaces keyspaces) {
    this.clock = clock;
    this.meta = meta;
    this.paths = paths;
    this.keyspaces = keyspaces;
  }

  /** One scope at one moment; expired barriers are left out. */
  public record State(
      GcScope scope, long txnSafePoint, long gcSafePoint, List<GcBarrier> barriers) {}

  /** Outcome of {@link #advanceTxnSafePoint}. */
  public record TxnAdvance(long old, long now, String blocker) {}

  public long nowSeconds() {
    return clock.wallMillis() / 1000;
  }

  /** The scope that a user's call for this keyspace means. */
  public GcScope userScope(long keyspaceId) {
    GcScope scope = GcScope.of(keyspaceId);
    return scope.isUnified() || isKeyspaceLevel(scope) ? scope : GcScope.of(GcScope.UNIFIED);
  }

  public boolean isKeyspaceLevel(GcScope scope) {
    if (scope.isUnified()) {
      return false;
    }
    KeyspaceMeta keyspace = keyspaces.byId((int) scope.keyspaceId());
    return keyspace != null
        && "keyspace_level".equals(keyspace.getConfigMap().get("gc_management_type"));
  }

  /** The scope that an administrative call names. */
  private GcScope adminScope(long keyspaceId) {
    GcScope scope = GcScope.of(keyspaceId);
    if (!scope.isUnified() && !isKeyspaceLevel(scope)) {
      throw new GcException(
          "ErrGCOnInvalidKeyspace",
          "trying to manage GC in keyspace %d where keyspace level GC is not enabled"
              .formatted(keyspaceId));
    }
    return scope;
  }

  public State state(GcScope scope) {
    return new State(scope, txnSafePoint(scope), gcSafePoint(scope), barriers(scope));
  }

  /** All scopes that have points of their own, the unified one first. */
  public List<State> allStates() {
    List<State> all = new ArrayList<>();
    all.add(state(GcScope.of(GcScope.UNIFIED)));
    for (KeyspaceMeta keyspace : keyspaces.list(0, 0)) {
      GcScope scope = GcScope.of(keyspace.getId());
      if (isKeyspaceLevel(scope)) {
        all.add(state(scope));
      }
    }
    return all;
  }

  public long txnSafePoint(GcScope scope) {
    String text = meta.text(scope.txnSafePointPath());
    return text == null || text.isEmpty() ? 0 : parse(text, 10, scope.txnSafePointPath());
  }

  public long gcSafePoint(GcScope scope) {
    String path = scope.gcSafePointPath(paths);
    String text = meta.text(path);
    return text == null || text.isEmpty() ? 0 : parse(text, 16, path);
  }

  private static long parse(String text, int radix, String path) {
    try {
      return Long.parseUnsignedLong(text, radix);
    } catch (NumberFormatException e) {
      throw new CorruptionException("PD:json:ErrJSONUnmarshal", "value of " + path, e);
    }
  }

  public List<GcBarrier> barriers(GcScope scope) {
    return barriersUnder(scope.barrierPrefix(paths));
  }

  public List<GcBarrier> globalBarriers() {
    return barriersUnder(GcScope.globalBarrierPrefix(paths));
  }

  private List<GcBarrier> barriersUnder(String prefix) {
    List<GcBarrier> found = new ArrayList<>();
    for (KeyValue pair : meta.prefix(prefix)) {
      GcBarrier barrier = parseBarrier(pair);
      if (!barrier.isExpired(nowSeconds())) {
        found.add(barrier);
      }
    }
    return found;
  }

  private static GcBarrier parseBarrier(KeyValue pair) {
    try {
      JsonNode json = JSON.readTree(pair.getValue().toByteArray());
      return new GcBarrier(
          json.get("service_id").asString(),
          json.get("safe_point").bigIntegerValue().longValue(),
          json.get("expired_at").longValue());
    } catch (JacksonException | NullPointerException e) {
      throw new CorruptionException(
          "PD:json:ErrJSONUnmarshal", "value of " + pair.getKey().toStringUtf8(), e);
    }
  }

  private static String text(GcBarrier barrier) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("service_id", barrier.id());
    json.put("expired_at", barrier.expiresAtSeconds());
    json.put("safe_point", new BigInteger(Long.toUnsignedString(barrier.ts())));
    return JSON.writeValueAsString(json);
  }

  /**
   * Raises the point below which no transaction may start, as far as barriers and running
   * transactions allow.
   *
   * @throws GcException when {@code target} is below the present one
   */
  public TxnAdvance advanceTxnSafePoint(long keyspaceId, long target) {
    lock.lock();
    try {
      GcScope scope = adminScope(keyspaceId);
      long old = txnSafePoint(scope);
      if (Long.compareUnsigned(target, old) < 0) {
        throw new GcException(
            "ErrDecreasingTxnSafePoint",
            "trying to update txn safe point to a smaller value, current value: %s, given: %s"
                .formatted(Long.toUnsignedString(old), Long.toUnsignedString(target)));
      }
      dropExpired(scope.barrierPrefix(paths));
      dropExpired(GcScope.globalBarrierPrefix(paths));
      Hold hold = lowestHold(scope, target);
      long now = Long.compareUnsigned(hold.ts, old) < 0 ? old : hold.ts;
      if (now != old) {
        meta.put(scope.txnSafePointPath(), Long.toUnsignedString(now));
      }
      return new TxnAdvance(old, now, hold.blocker);
    } finally {
      lock.unlock();
    }
  }

  private record Hold(long ts, String blocker) {}

  private Hold lowestHold(GcScope scope, long target) {
    Hold lowest = new Hold(target, "");
    for (GcBarrier barrier : barriers(scope)) {
      if (!barrier.id().equals(GC_WORKER)) {
        lowest = lower(lowest, barrier.ts(), describe(barrier));
      }
    }
    for (GcBarrier barrier : globalBarriers()) {
      lowest = lower(lowest, barrier.ts(), describe(barrier));
    }
    for (KeyValue pair : meta.prefix(scope.minStartTsPrefix())) {
      String key = pair.getKey().toStringUtf8();
      String value = pair.getValue().toStringUtf8();
      if (!value.isEmpty()) {
        lowest =
            lower(
                lowest,
                parse(value, 10, key),
                "TiDBMinStartTS { Key: \"%s\", MinStartTS: %s }".formatted(key, value));
      }
    }
    return lowest;
  }

  private static Hold lower(Hold lowest, long ts, String blocker) {
    return Long.compareUnsigned(ts, lowest.ts) < 0 ? new Hold(ts, blocker) : lowest;
  }

  private static String describe(GcBarrier barrier) {
    return "BarrierID { ID: \"%s\", TS: %s }"
        .formatted(barrier.id(), Long.toUnsignedString(barrier.ts()));
  }

  private void dropExpired(String prefix) {
    for (KeyValue pair : meta.prefix(prefix)) {
      if (parseBarrier(pair).isExpired(nowSeconds())) {
        meta.delete(pair.getKey().toStringUtf8());
      }
    }
  }

  /** Old and new GC safe point. */
  public record GcAdvance(long old, long now) {}

  /**
   * Raises the point below which versions may be removed.
   *
   * @throws GcException when it would go back or pass the transaction safe point
   */
  public GcAdvance advanceGcSafePoint(long keyspaceId, long target) {
    lock.lock();
    try {
      GcScope scope = adminScope(keyspaceId);
      long old = gcSafePoint(scope);
      if (Long.compareUnsigned(target, old) < 0) {
        throw new GcException(
            "ErrDecreasingGCSafePoint",
            "trying to update GC safe point to a smaller value, current value: %s, given: %s"
                .formatted(Long.toUnsignedString(old), Long.toUnsignedString(target)));
      }
      long txn = txnSafePoint(scope);
      if (Long.compareUnsigned(target, txn) > 0) {
        throw new GcException(
            "ErrGCSafePointExceedsTxnSafePoint",
            "trying to update GC safe point to a too large value, exceeding the txn safe point,"
                + " current value: %s, given: %s, current txn safe point: %s"
                    .formatted(
                        Long.toUnsignedString(old),
                        Long.toUnsignedString(target),
                        Long.toUnsignedString(txn)));
      }
      saveGcSafePoint(scope, old, target);
      return new GcAdvance(old, target);
    } finally {
      lock.unlock();
    }
  }

  private void saveGcSafePoint(GcScope scope, long old, long target) {
    if (target != old) {
      meta.put(scope.gcSafePointPath(paths), Long.toUnsignedString(target, 16));
    }
  }

  /**
   * The older call: never goes back, and takes every higher value, because clients of that call do
   * not know the transaction safe point. The one in force.
   */
  public long updateGcSafePoint(long keyspaceId, long target) {
    lock.lock();
    try {
      GcScope scope = userScope(keyspaceId);
      long old = gcSafePoint(scope);
      if (Long.compareUnsigned(target, old) <= 0) {
        return old;
      }
      if (Long.compareUnsigned(target, txnSafePoint(scope)) > 0) {
        meta.put(scope.txnSafePointPath(), Long.toUnsignedString(target));
      }
      saveGcSafePoint(scope, old, target);
      return target;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Holds the transaction safe point at {@code ts}.
   *
   * @throws GcException when that point has passed it, or the name or time is not allowed
   */
  public GcBarrier setBarrier(long keyspaceId, String id, long ts, long ttlSeconds) {
    lock.lock();
    try {
      GcScope scope = userScope(keyspaceId);
      return setBarrier(scope, scope.barrierPrefix(paths), id, ts, ttlSeconds);
    } finally {
      lock.unlock();
    }
  }

  public GcBarrier setGlobalBarrier(String id, long ts, long ttlSeconds) {
    lock.lock();
    try {
      GcScope unified = GcScope.of(GcScope.UNIFIED);
      for (State state : allStates()) {
        if (Long.compareUnsigned(ts, state.txnSafePoint()) < 0) {
          unified = state.scope();
        }
      }
      return setBarrier(unified, GcScope.globalBarrierPrefix(paths), id, ts, ttlSeconds);
    } finally {
      lock.unlock();
    }
  }

  private GcBarrier setBarrier(GcScope scope, String prefix, String id, long ts, long ttlSeconds) {
    if (ttlSeconds <= 0) {
      throw new GcException("ErrInvalidArgument", "invalid TTL: " + ttlSeconds);
    }
    if (id.isEmpty() || id.equals(GC_WORKER)) {
      throw new GcException(
          "ErrReservedGCBarrierID", "trying to set a GC barrier with reserved barrierID: " + id);
    }
    long txn = txnSafePoint(scope);
    if (Long.compareUnsigned(ts, txn) < 0) {
      throw new GcException(
          "ErrGCBarrierTSBehindTxnSafePoint",
          "trying to add a GC barrier with ts %s that is behind the current txn safe point %s"
              .formatted(Long.toUnsignedString(ts), Long.toUnsignedString(txn)));
    }
    long now = nowSeconds();
    long end = ttlSeconds > Long.MAX_VALUE - now ? Long.MAX_VALUE : now + ttlSeconds;
    GcBarrier barrier = new GcBarrier(id, ts, end);
    meta.put(prefix + id, text(barrier));
    return barrier;
  }

  /** Removes a hold; what it was, null when there was none. */
  public @Nullable GcBarrier deleteBarrier(long keyspaceId, String id) {
    return deleteUnder(userScope(keyspaceId).barrierPrefix(paths), id);
  }

  public @Nullable GcBarrier deleteGlobalBarrier(String id) {
    return deleteUnder(GcScope.globalBarrierPrefix(paths), id);
  }

  private @Nullable GcBarrier deleteUnder(String prefix, String id) {
    if (id.equals(GC_WORKER)) {
      throw new GcException(
          "ErrReservedGCBarrierID", "trying to delete a GC barrier with reserved barrierID: " + id);
    }
    lock.lock();
    try {
      GcBarrier held = null;
      for (GcBarrier barrier : barriersUnder(prefix)) {
        held = barrier.id().equals(id) ? barrier : held;
      }
      meta.delete(prefix + id);
      return held;
    } finally {
      lock.unlock();
    }
  }

  /** Answer of the older service safe point calls. */
  public record ServiceSafePoint(String serviceId, long ttlSeconds, long minSafePoint) {}

  /**
   * The older way to hold: one name for each service. A hold that comes too late is no error; the
   * caller sees it by comparing the answer's safe point with its own.
   */
  public ServiceSafePoint updateService(
      long keyspaceId, String serviceId, long ttlSeconds, long safePoint) {
    lock.lock();
    try {
      GcScope scope = userScope(keyspaceId);
      String holder = GC_WORKER;
      if (serviceId.equals(GC_WORKER)) {
        if (ttlSeconds != Long.MAX_VALUE) {
          throw new GcException(
              "ErrInvalidArgument", "TTL of gc_worker's service safe point must be infinity");
        }
        if (Long.compareUnsigned(safePoint, txnSafePoint(scope)) >= 0) {
          TxnAdvance advance = advanceTxnSafePoint(scope.keyspaceId(), safePoint);
          holder = advance.blocker().isEmpty() ? GC_WORKER : advance.blocker();
        }
      } else if (ttlSeconds <= 0) {
        deleteUnder(servicePrefix(scope, serviceId), serviceId);
      } else if (Long.compareUnsigned(safePoint, txnSafePoint(scope)) >= 0) {
        setBarrier(scope, servicePrefix(scope, serviceId), serviceId, safePoint, ttlSeconds);
      }
      return new ServiceSafePoint(holder, Long.MAX_VALUE - nowSeconds(), txnSafePoint(scope));
    } finally {
      lock.unlock();
    }
  }

  /** Backup of the whole cluster holds all keyspaces. */
  private String servicePrefix(GcScope scope, String serviceId) {
    return scope.isUnified() && serviceId.equals("native_br")
        ? GcScope.globalBarrierPrefix(paths)
        : scope.barrierPrefix(paths);
  }
}
