package io.rutile.pd.http;

import io.rutile.base.config.ReadableDuration;
import io.rutile.pd.cluster.Cluster;
import io.rutile.pd.cluster.LeaderSession;
import io.rutile.pd.config.ConfigCodec;
import io.rutile.pd.config.GoDuration;
import io.rutile.pd.config.PdConfig;
import io.rutile.pd.gc.GcBarrier;
import io.rutile.pd.gc.GcScope;
import io.rutile.proto.keyspacepb.KeyspaceMeta;
import io.rutile.proto.keyspacepb.KeyspaceState;
import io.rutile.rpc.http.HttpException;
import io.rutile.rpc.http.HttpRequest;
import io.rutile.rpc.http.HttpResponse;
import io.rutile.rpc.http.Router;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Pages about the cluster as a whole: its state, settings, safe points, keyspaces. */
public final class ClusterRoutes {
  private static final String V1 = "/pd/api/v1";
  private static final String KEYSPACES = "/pd/api/v2/keyspaces";

  private final Leading leading;

  public ClusterRoutes(Leading leading) {
    this.leading = leading;
  }

  public void addTo(Router router) {
    router
        .get(V1 + "/cluster", leading.handler(ClusterRoutes::describe))
        .get(V1 + "/cluster/status", leading.handler(ClusterRoutes::status))
        .get(V1 + "/config", leading.handler(ClusterRoutes::config))
        .post(V1 + "/config", leading.handler(ClusterRoutes::changeConfig))
        .get(V1 + "/config/schedule", leading.handler(ClusterRoutes::scheduleConfig))
        .post(V1 + "/config/schedule", leading.handler(ClusterRoutes::changeSchedule))
        .get(V1 + "/config/replicate", leading.handler(ClusterRoutes::replicationConfig))
        .post(V1 + "/config/replicate", leading.handler(ClusterRoutes::changeReplication))
        .get(V1 + "/config/cluster-version", leading.handler(ClusterRoutes::clusterVersion))
        .get(V1 + "/min-resolved-ts", leading.handler(ClusterRoutes::minResolvedTs))
        .get(V1 + "/min-resolved-ts/{id}", leading.handler(ClusterRoutes::storeMinResolvedTs))
        .get(V1 + "/gc/safepoint", leading.handler(ClusterRoutes::safePoints))
        .delete(V1 + "/gc/safepoint/{service}", leading.handler(ClusterRoutes::releaseSafePoint))
        .post(V1 + "/admin/reset-ts", leading.handler(ClusterRoutes::resetTs))
        .post(KEYSPACES, leading.handler(ClusterRoutes::createKeyspace))
        .get(KEYSPACES, leading.handler(ClusterRoutes::listKeyspaces))
        .get(KEYSPACES + "/{name}", leading.handler(ClusterRoutes::keyspace))
        .get(KEYSPACES + "/id/{id}", leading.handler(ClusterRoutes::keyspaceById))
        .route("PATCH", KEYSPACES + "/{name}/config", leading.handler(ClusterRoutes::patch))
        .put(KEYSPACES + "/{name}/state", leading.handler(ClusterRoutes::keyspaceState));
  }

  private static HttpResponse describe(LeaderSession session, HttpRequest request) {
    var cluster = session.cluster().description();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("id", Json.id(cluster.getId()));
    json.put("max_peer_count", cluster.getMaxPeerCount());
    return HttpResponse.json(json);
  }

  private static HttpResponse status(LeaderSession session, HttpRequest request) {
    Map<String, Object> json = new LinkedHashMap<>();
    if (session.isBootstrapped()) {
      long nanos = session.cluster().bootstrapNanos();
      json.put("raft_bootstrap_time", Units.time(nanos / 1_000_000));
    }
    json.put("is_initialized", session.isBootstrapped() && isInitialized(session.cluster()));
    json.put("replication_status", "");
    return HttpResponse.json(json);
  }

  /** Whether every region that is known has all its replicas. */
  private static boolean isInitialized(Cluster cluster) {
    var image = cluster.image();
    boolean[] full = {image.regions().size() > 0};
    int replicas = image.config().replication().maxReplicas();
    image
        .regions()
        .tree()
        .forEach(
            new byte[0],
            region -> {
              full[0] = region.voters().size() >= replicas;
              return full[0];
            });
    return full[0];
  }

  private static HttpResponse config(LeaderSession session, HttpRequest request) {
    Map<String, Object> json = new LinkedHashMap<>(ConfigCodec.toMap(session.config().current()));
    json.put("cluster-version", version(session));
    json.put("replication-mode", Map.of("replication-mode", "majority"));
    return HttpResponse.json(json);
  }

  private static String version(LeaderSession session) {
    return session.isBootstrapped() ? session.cluster().version().toString() : "0.0.0";
  }

  private static HttpResponse changeConfig(LeaderSession session, HttpRequest request) {
    session.config().change(Body.object(request));
    return HttpResponse.json("The config is updated.");
  }

  private static HttpResponse scheduleConfig(LeaderSession session, HttpRequest request) {
    return HttpResponse.json(ConfigCodec.toMap(session.config().current().schedule()));
  }

  private static HttpResponse changeSchedule(LeaderSession session, HttpRequest request) {
    session.config().change(Map.of("schedule", Body.object(request)));
    return HttpResponse.json("The config is updated.");
  }

  private static HttpResponse replicationConfig(LeaderSession session, HttpRequest request) {
    PdConfig config = session.config().current();
    return HttpResponse.json(ConfigCodec.toMap(config.replication()));
  }

  private static HttpResponse changeReplication(LeaderSession session, HttpRequest request) {
    session.config().change(Map.of("replication", Body.object(request)));
    return HttpResponse.json("The config is updated.");
  }

  private static HttpResponse clusterVersion(LeaderSession session, HttpRequest request) {
    return HttpResponse.json(version(session));
  }

  private static HttpResponse minResolvedTs(LeaderSession session, HttpRequest request) {
    var resolved = session.cluster().minResolvedTs();
    Map<String, Object> json = minResolved(session, resolved.cluster());
    String scope = request.queryParameter("scope", "");
    if (!scope.isEmpty()) {
      Map<String, Object> stores = new LinkedHashMap<>();
      if (scope.equals("cluster")) {
        resolved.byStore().forEach((id, ts) -> stores.put(String.valueOf(id), ts));
      } else {
        for (String id : scope.split(",")) {
          stores.put(id, resolved.ofStore(parse(id)));
        }
      }
      json.put("stores_min_resolved_ts", stores);
    }
    return HttpResponse.json(json);
  }

  private static long parse(String id) {
    try {
      return Long.parseLong(id);
    } catch (NumberFormatException e) {
      throw new HttpException(400, "scope must be cluster or store ids, but has " + id);
    }
  }

  private static Map<String, Object> minResolved(LeaderSession session, long ts) {
    ReadableDuration interval =
        session.config().current().pdServer().minResolvedTsPersistenceInterval();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("is_real_time", true);
    json.put("min_resolved_ts", ts);
    json.put("persist_interval", GoDuration.text(interval.duration()));
    return json;
  }

  private static HttpResponse storeMinResolvedTs(LeaderSession session, HttpRequest request) {
    long id = request.longPathParameter("id");
    session.cluster().store(id);
    return HttpResponse.json(minResolved(session, session.cluster().minResolvedTs().ofStore(id)));
  }

  private static HttpResponse safePoints(LeaderSession session, HttpRequest request) {
    GcScope unified = GcScope.of(GcScope.UNIFIED);
    long txnSafePoint = session.gc().txnSafePoint(unified);
    long lowest = txnSafePoint;
    List<Object> services = new ArrayList<>();
    for (GcBarrier barrier : session.gc().barriers(unified)) {
      Map<String, Object> service = new LinkedHashMap<>();
      service.put("service_id", barrier.id());
      service.put("expired_at", barrier.expiresAtSeconds());
      service.put("safe_point", barrier.ts());
      services.add(service);
      lowest = Math.min(lowest, barrier.ts());
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("service_gc_safe_points", services);
    json.put("min_service_gc_safe_point", lowest);
    json.put("gc_safe_point", session.gc().gcSafePoint(unified));
    return HttpResponse.json(json);
  }

  private static HttpResponse releaseSafePoint(LeaderSession session, HttpRequest request) {
    session.gc().deleteBarrier(GcScope.UNIFIED, request.pathParameter("service"));
    return HttpResponse.json("Delete service GC safepoint successfully.");
  }

  private static HttpResponse resetTs(LeaderSession session, HttpRequest request) {
    Map<String, Object> body = Body.object(request);
    long ts = Body.number(body, "tso");
    boolean force = "true".equals(String.valueOf(body.get("force-use-larger")));
    long gap =
        force ? Long.MAX_VALUE : session.config().current().pdServer().maxGapResetTs().toMillis();
    session.oracle().reset(ts, gap);
    return HttpResponse.json("Reset ts successfully.");
  }

  private static HttpResponse createKeyspace(LeaderSession session, HttpRequest request) {
    Map<String, Object> body = Body.object(request);
    Map<String, String> config = new LinkedHashMap<>();
    if (body.get("config") instanceof Map<?, ?> given) {
      given.forEach((key, value) -> config.put(String.valueOf(key), String.valueOf(value)));
    }
    return HttpResponse.json(
        Json.keyspace(session.createKeyspace(Body.text(body, "name"), config)));
  }

  private static HttpResponse listKeyspaces(LeaderSession session, HttpRequest request) {
    int limit = (int) request.longQueryParameter("limit", 100);
    int start = (int) request.longQueryParameter("page_token", 0);
    List<KeyspaceMeta> page = session.keyspaces().list(start, limit + 1);
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("keyspaces", page.stream().limit(limit).map(Json::keyspace).toList());
    json.put("next_page_token", page.size() > limit ? String.valueOf(page.getLast().getId()) : "");
    return HttpResponse.json(json);
  }

  private static HttpResponse keyspace(LeaderSession session, HttpRequest request) {
    return HttpResponse.json(
        Json.keyspace(session.keyspaces().load(request.pathParameter("name"))));
  }

  private static HttpResponse keyspaceById(LeaderSession session, HttpRequest request) {
    return HttpResponse.json(
        Json.keyspace(session.keyspaces().load((int) request.longPathParameter("id"))));
  }

  private static HttpResponse patch(LeaderSession session, HttpRequest request) {
    if (!(Body.object(request).get("config") instanceof Map<?, ?> given)) {
      throw new HttpException(400, "config is missing");
    }
    Map<String, @Nullable String> changes = new LinkedHashMap<>();
    given.forEach((key, value) ->
        changes.put(String.valueOf(key), value == null ? null : String.valueOf(value)));
    return HttpResponse.json(
        Json.keyspace(session.keyspaces().changeConfig(request.pathParameter("name"), changes)));
  }

  private static HttpResponse keyspaceState(LeaderSession session, HttpRequest request) {
    String text = Body.text(Body.object(request), "state").toUpperCase(Locale.ROOT);
    KeyspaceState state;
    try {
      state = KeyspaceState.valueOf(text);
    } catch (IllegalArgumentException e) {
      throw new HttpException(400, "unknown keyspace state " + text);
    }
    KeyspaceMeta keyspace = session.keyspaces().load(request.pathParameter("name"));
    return HttpResponse.json(
        Json.keyspace(session.keyspaces().changeState(keyspace.getId(), state)));
  }
}
