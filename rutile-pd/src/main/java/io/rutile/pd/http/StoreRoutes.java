package io.rutile.pd.http;

import io.rutile.pd.cluster.LeaderSession;
import io.rutile.pd.core.ClusterImage;
import io.rutile.pd.core.StoreInfo;
import io.rutile.proto.metapb.StoreLabel;
import io.rutile.rpc.http.HttpException;
import io.rutile.rpc.http.HttpRequest;
import io.rutile.rpc.http.HttpResponse;
import io.rutile.rpc.http.Router;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Pages about stores. */
public final class StoreRoutes {
  private static final String V1 = "/pd/api/v1";
  private static final int TOMBSTONE = 2;

  private final Leading leading;

  public StoreRoutes(Leading leading) {
    this.leading = leading;
  }

  public void addTo(Router router) {
    router
        .get(V1 + "/stores", leading.handler(StoreRoutes::all))
        .delete(V1 + "/stores/remove-tombstone", leading.handler(StoreRoutes::forget))
        .get(V1 + "/store/{id}", leading.handler(StoreRoutes::one))
        .delete(V1 + "/store/{id}", leading.handler(StoreRoutes::remove))
        .post(V1 + "/store/{id}/state", leading.handler(StoreRoutes::setState))
        .post(V1 + "/store/{id}/label", leading.handler(StoreRoutes::setLabels))
        .delete(V1 + "/store/{id}/label", leading.handler(StoreRoutes::deleteLabel))
        .post(V1 + "/store/{id}/weight", leading.handler(StoreRoutes::setWeight))
        .get(V1 + "/stores/limit", leading.handler(StoreRoutes::limits))
        .post(V1 + "/stores/limit", leading.handler(StoreRoutes::setLimits))
        .post(V1 + "/store/{id}/limit", leading.handler(StoreRoutes::setLimit))
        .get(V1 + "/labels", leading.handler(StoreRoutes::labels))
        .get(V1 + "/labels/stores", leading.handler(StoreRoutes::storesWithLabel));
  }

  private static HttpResponse limits(LeaderSession session, HttpRequest request) {
    Map<String, Object> json = new LinkedHashMap<>();
    for (StoreInfo store : session.cluster().image().liveStores()) {
      Map<String, Object> limits = new LinkedHashMap<>();
      limits.put("add-peer", store.settings().addPeerPerMinute());
      limits.put("remove-peer", store.settings().removePeerPerMinute());
      json.put(String.valueOf(store.id()), limits);
    }
    return HttpResponse.json(json);
  }

  private static HttpResponse setLimits(LeaderSession session, HttpRequest request) {
    Map<String, Object> body = Body.object(request);
    if (body.containsKey("labels")) {
      throw new HttpException(400, "limits by label are not supported: name stores");
    }
    for (StoreInfo store : session.cluster().image().liveStores()) {
      setLimit(session, store, body);
    }
    return HttpResponse.json("Set store limit successfully.");
  }

  private static HttpResponse setLimit(LeaderSession session, HttpRequest request) {
    setLimit(session, session.cluster().store(id(request)), Body.object(request));
    return HttpResponse.json("The store's limit is updated.");
  }

  /** The type is one of the two directions, or is missing for both. */
  private static void setLimit(LeaderSession session, StoreInfo store, Map<String, Object> body) {
    double rate = Body.decimal(body, "rate", -1);
    String type = String.valueOf(body.getOrDefault("type", "all"));
    boolean adds = type.equals("add-peer") || type.equals("all");
    boolean removes = type.equals("remove-peer") || type.equals("all");
    if (!adds && !removes) {
      throw new HttpException(400, "unknown limit type " + type);
    }
    session
        .cluster()
        .stores()
        .setLimits(
            store.id(),
            adds ? rate : store.settings().addPeerPerMinute(),
            removes ? rate : store.settings().removePeerPerMinute());
  }

  private static HttpResponse storesWithLabel(LeaderSession session, HttpRequest request) {
    String name = request.queryParameter("name", "");
    String value = request.queryParameter("value", "");
    ClusterImage image = session.cluster().image();
    List<Object> stores = new ArrayList<>();
    for (StoreInfo store : image.liveStores()) {
      String has = store.label(name);
      if (value.isEmpty() ? !has.isEmpty() : has.equals(value)) {
        stores.add(Json.store(store, image));
      }
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("count", stores.size());
    json.put("stores", stores);
    return HttpResponse.json(json);
  }

  private static HttpResponse all(LeaderSession session, HttpRequest request) {
    ClusterImage image = session.cluster().image();
    List<String> states = request.query().getOrDefault("state", List.of());
    List<Object> stores = new ArrayList<>();
    for (StoreInfo store : image.storeList()) {
      int state = store.meta().getStateValue();
      boolean shown =
          states.isEmpty() ? state != TOMBSTONE : states.contains(String.valueOf(state));
      if (shown) {
        stores.add(Json.store(store, image));
      }
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("count", stores.size());
    json.put("stores", stores);
    return HttpResponse.json(json);
  }

  private static HttpResponse one(LeaderSession session, HttpRequest request) {
    ClusterImage image = session.cluster().image();
    return HttpResponse.json(Json.store(session.cluster().store(id(request)), image));
  }

  private static long id(HttpRequest request) {
    return request.longPathParameter("id");
  }

  private static HttpResponse remove(LeaderSession session, HttpRequest request) {
    boolean force = request.query().containsKey("force");
    session.cluster().stores().remove(id(request), force);
    return HttpResponse.json(
        "The store is set as Offline; it becomes Tombstone once it holds no region any more.");
  }

  private static HttpResponse forget(LeaderSession session, HttpRequest request) {
    session.cluster().stores().forgetTombstones();
    return HttpResponse.json("Remove tombstone successfully.");
  }

  private static HttpResponse setState(LeaderSession session, HttpRequest request) {
    String state = request.queryParameter("state", "");
    switch (state.toLowerCase(Locale.ROOT)) {
      case "up" -> session.cluster().stores().cancelRemoval(id(request));
      case "offline" -> session.cluster().stores().remove(id(request), false);
      default -> throw new HttpException(400, "invalid state " + state);
    }
    return HttpResponse.json("The store's state is updated.");
  }

  private static HttpResponse setLabels(LeaderSession session, HttpRequest request) {
    List<StoreLabel> labels = new ArrayList<>();
    Body.object(request)
        .forEach((key, value) ->
            labels.add(
                StoreLabel.newBuilder().setKey(key).setValue(String.valueOf(value)).build()));
    boolean replace = request.query().containsKey("force");
    session.cluster().setStoreLabels(id(request), labels, replace);
    return HttpResponse.json("The store's label is updated.");
  }

  private static HttpResponse deleteLabel(LeaderSession session, HttpRequest request) {
    String key = request.bodyText();
    String bare = key.replace("\"", "").trim();
    List<StoreLabel> kept = new ArrayList<>();
    for (StoreLabel label : session.cluster().store(id(request)).meta().getLabelsList()) {
      if (!label.getKey().equalsIgnoreCase(bare)) {
        kept.add(label);
      }
    }
    session.cluster().setStoreLabels(id(request), kept, true);
    return HttpResponse.json("The label " + bare + " is deleted for store " + id(request) + ".");
  }

  private static HttpResponse setWeight(LeaderSession session, HttpRequest request) {
    Map<String, Object> body = Body.object(request);
    StoreInfo store = session.cluster().store(id(request));
    session
        .cluster()
        .stores()
        .setWeights(
            store.id(),
            Body.decimal(body, "leader", store.settings().leaderWeight()),
            Body.decimal(body, "region", store.settings().regionWeight()));
    return HttpResponse.json("The store's weight is updated.");
  }

  private static HttpResponse labels(LeaderSession session, HttpRequest request) {
    Map<String, TreeSet<String>> values = new TreeMap<>();
    for (StoreInfo store : session.cluster().image().liveStores()) {
      for (StoreLabel label : store.meta().getLabelsList()) {
        values.computeIfAbsent(label.getKey(), k -> new TreeSet<>()).add(label.getValue());
      }
    }
    List<Object> pairs = new ArrayList<>();
    values.forEach((key, all) ->
        all.forEach(value -> {
          Map<String, Object> pair = new LinkedHashMap<>();
          pair.put("key", key);
          pair.put("value", value);
          pairs.add(pair);
        }));
    return HttpResponse.json(pairs);
  }
}
