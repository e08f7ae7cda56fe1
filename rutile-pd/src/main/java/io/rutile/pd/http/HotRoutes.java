package io.rutile.pd.http;

import io.rutile.pd.cluster.LeaderSession;
import io.rutile.pd.core.StoreInfo;
import io.rutile.pd.schedule.hot.Dimension;
import io.rutile.pd.schedule.hot.HotKind;
import io.rutile.pd.schedule.hot.HotPeer;
import io.rutile.pd.schedule.hot.HotPeers;
import io.rutile.pd.schedule.hot.Load;
import io.rutile.rpc.http.HttpRequest;
import io.rutile.rpc.http.HttpResponse;
import io.rutile.rpc.http.Router;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Pages of traffic: hot peers, and what stores carry. */
public final class HotRoutes {
  private static final String HOTSPOT = "/pd/api/v1/hotspot";

  private final Leading leading;

  public HotRoutes(Leading leading) {
    this.leading = leading;
  }

  public void addTo(Router router) {
    router
        .get(
            HOTSPOT + "/regions/read",
            leading.handler((session, request) -> regions(session, request, HotKind.READ)))
        .get(
            HOTSPOT + "/regions/write",
            leading.handler((session, request) -> regions(session, request, HotKind.WRITE)))
        .get(HOTSPOT + "/stores", leading.handler(HotRoutes::stores));
  }

  private static HttpResponse regions(LeaderSession session, HttpRequest request, HotKind kind) {
    List<String> wanted = request.query().getOrDefault("store_id", List.of());
    var cluster = session.cluster();
    Map<String, Object> json =
        cluster.schedule(coordinator -> {
          Map<String, Object> both = new LinkedHashMap<>();
          Map<String, Object> asPeer = new LinkedHashMap<>();
          Map<String, Object> asLeader = new LinkedHashMap<>();
          for (StoreInfo store : cluster.image().liveStores()) {
            String id = String.valueOf(store.id());
            if (wanted.isEmpty() || wanted.contains(id)) {
              asPeer.put(id, ofStore(coordinator.hot(), kind, store.id(), false));
              asLeader.put(id, ofStore(coordinator.hot(), kind, store.id(), true));
            }
          }
          both.put("as_peer", asPeer);
          both.put("as_leader", asLeader);
          return both;
        });
    return HttpResponse.json(json);
  }

  private static Map<String, Object> ofStore(
      HotPeers hot, HotKind kind, long storeId, boolean leadersOnly) {
    Load store = hot.reported(kind, storeId);
    Load total = hot.carried(kind, storeId, leadersOnly);
    List<Object> peers = new ArrayList<>();
    for (HotPeer peer : hot.onStore(kind, storeId)) {
      if (!leadersOnly || peer.leader()) {
        peers.add(peer(peer));
      }
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("store_bytes", store.bytes());
    json.put("store_keys", store.keys());
    json.put("store_query", store.queries());
    json.put("total_flow_bytes", total.bytes());
    json.put("total_flow_keys", total.keys());
    json.put("total_flow_query", total.queries());
    json.put("regions_count", peers.size());
    json.put("statistics", peers);
    return json;
  }

  private static Map<String, Object> peer(HotPeer peer) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("store_id", peer.storeId());
    json.put("region_id", peer.regionId());
    json.put("is_leader", peer.leader());
    json.put("is_learner", peer.learner());
    json.put("hot_degree", peer.degree());
    json.put("flow_bytes", peer.load().bytes());
    json.put("flow_keys", peer.load().keys());
    json.put("flow_query", peer.load().queries());
    return json;
  }

  private static HttpResponse stores(LeaderSession session, HttpRequest request) {
    var cluster = session.cluster();
    Map<String, Object> json =
        cluster.schedule(coordinator -> {
          Map<String, Object> rates = new LinkedHashMap<>();
          for (Dimension dimension : Dimension.values()) {
            String name = dimension.rateName();
            rates.put(
                name + "-write-rate", rates(session, coordinator.hot(), HotKind.WRITE, dimension));
            rates.put(
                name + "-read-rate", rates(session, coordinator.hot(), HotKind.READ, dimension));
          }
          return rates;
        });
    return HttpResponse.json(json);
  }

  private static Map<String, Object> rates(
      LeaderSession session, HotPeers hot, HotKind kind, Dimension dimension) {
    Map<String, Object> rates = new LinkedHashMap<>();
    for (StoreInfo store : session.cluster().image().liveStores()) {
      rates.put(String.valueOf(store.id()), hot.reported(kind, store.id()).of(dimension));
    }
    return rates;
  }
}
