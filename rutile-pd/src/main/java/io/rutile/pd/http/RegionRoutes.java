package io.rutile.pd.http;

import io.rutile.base.bytes.Bytes;
import io.rutile.pd.cluster.LeaderSession;
import io.rutile.pd.core.ClusterImage;
import io.rutile.pd.core.RegionImage;
import io.rutile.pd.core.RegionInfo;
import io.rutile.pd.core.StoreRegions;
import io.rutile.pd.schedule.hot.Load;
import io.rutile.pd.schedule.placement.RegionFitter;
import io.rutile.pd.schedule.placement.RuleSet;
import io.rutile.rpc.http.HttpException;
import io.rutile.rpc.http.HttpRequest;
import io.rutile.rpc.http.HttpResponse;
import io.rutile.rpc.http.Router;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Pages about regions. */
public final class RegionRoutes {
  private static final String V1 = "/pd/api/v1";
  private static final int TOP_LIMIT = 16;
  private static final int SCAN_LIMIT = 16;

  /** Regions answered in one page at most. */
  private static final int MAX_LIMIT = 10_240;

  private final Leading leading;

  public RegionRoutes(Leading leading) {
    this.leading = leading;
  }

  public void addTo(Router router) {
    router
        .get(V1 + "/regions", leading.handler(RegionRoutes::all))
        .get(V1 + "/regions/count", leading.handler(RegionRoutes::count))
        .get(V1 + "/regions/key", leading.handler(RegionRoutes::scan))
        .get(V1 + "/regions/store/{id}", leading.handler(RegionRoutes::ofStore))
        .get(V1 + "/regions/sibling/{id}", leading.handler(RegionRoutes::siblings))
        .get(V1 + "/region/id/{id}", leading.handler(RegionRoutes::byId))
        .get(V1 + "/region/key/{key...}", leading.handler(RegionRoutes::byKey))
        .get(V1 + "/stats/region", leading.handler(RegionRoutes::statistics));
    top(router, "writeflow", Comparator.comparingLong(region -> region.flow().bytesWritten()));
    top(router, "readflow", Comparator.comparingLong(region -> region.flow().bytesRead()));
    top(router, "size", Comparator.comparingLong(RegionInfo::sizeMib));
    top(router, "keys", Comparator.comparingLong(region -> region.flow().keys()));
    top(router, "confver", Comparator.comparingLong(region -> region.epoch().getConfVer()));
    top(router, "version", Comparator.comparingLong(region -> region.epoch().getVersion()));
    top(router, "cpu", Comparator.comparingLong(region -> region.flow().cpuPercent()));
    top(
        router,
        "readquery",
        Comparator.comparingLong(region -> Load.readQueries(region.flow().queries())));
    top(
        router,
        "writequery",
        Comparator.comparingLong(region -> Load.writeQueries(region.flow().queries())));
    router
        .get(V1 + "/regions/range-holes", leading.handler(RegionRoutes::holes))
        .get(V1 + "/regions/replicated", leading.handler(RegionRoutes::replicated))
        .post(V1 + "/regions/scatter", leading.handler(RegionRoutes::scatter));
    check(router, "miss-peer");
    check(router, "extra-peer");
    check(router, "down-peer");
    check(router, "pending-peer");
    check(router, "learner-peer");
    check(router, "empty-region");
  }

  private static RegionImage regions(LeaderSession session) {
    return session.cluster().image().regions();
  }

  private static HttpResponse all(LeaderSession session, HttpRequest request) {
    return HttpResponse.json(
        Json.regions(regions(session).tree().scan(new byte[0], new byte[0], 0)));
  }

  private static HttpResponse count(LeaderSession session, HttpRequest request) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("count", regions(session).size());
    return HttpResponse.json(json);
  }

  private static byte[] key(HttpRequest request, String text) {
    return "hex".equals(request.queryParameter("format", ""))
        ? hexKey(text)
        : text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static HttpResponse scan(LeaderSession session, HttpRequest request) {
    byte[] start = key(request, request.queryParameter("key", ""));
    byte[] end = key(request, request.queryParameter("end_key", ""));
    int limit = (int) Math.min(MAX_LIMIT, request.longQueryParameter("limit", SCAN_LIMIT));
    return HttpResponse.json(Json.regions(regions(session).tree().scan(start, end, limit)));
  }

  private static HttpResponse ofStore(LeaderSession session, HttpRequest request) {
    RegionImage image = regions(session);
    StoreRegions held = image.onStore(request.longPathParameter("id"));
    List<RegionInfo> found = new ArrayList<>();
    for (var ids : List.of(held.leaders(), held.followers(), held.learners())) {
      ids.forEach((id, mark) -> {
        RegionInfo region = image.region(id);
        if (region != null) {
          found.add(region);
        }
      });
    }
    found.sort(Comparator.comparingLong(RegionInfo::id));
    return HttpResponse.json(Json.regions(found));
  }

  private static HttpResponse siblings(LeaderSession session, HttpRequest request) {
    RegionImage image = regions(session);
    RegionInfo region = image.region(request.longPathParameter("id"));
    if (region == null) {
      throw new HttpException(404, "region not found");
    }
    List<RegionInfo> found = new ArrayList<>();
    RegionInfo before = image.tree().before(region);
    RegionInfo after = image.tree().after(region);
    if (before != null) {
      found.add(before);
    }
    if (after != null) {
      found.add(after);
    }
    return HttpResponse.json(Json.regions(found));
  }

  private static HttpResponse byId(LeaderSession session, HttpRequest request) {
    return answer(regions(session).region(request.longPathParameter("id")));
  }

  private static HttpResponse byKey(LeaderSession session, HttpRequest request) {
    return answer(regions(session).tree().find(key(request, request.pathParameter("key"))));
  }

  private static HttpResponse answer(@Nullable RegionInfo region) {
    return region == null
        ? HttpResponse.bytes(
            200, "application/json; charset=utf-8", "null\n".getBytes(StandardCharsets.US_ASCII))
        : HttpResponse.json(Json.region(region));
  }

  private void top(Router router, String name, Comparator<RegionInfo> order) {
    router.get(
        V1 + "/regions/" + name,
        leading.handler((session, request) -> {
          int limit = (int) request.longQueryParameter("limit", TOP_LIMIT);
          List<RegionInfo> found =
              regions(session).tree().scan(new byte[0], new byte[0], 0).stream()
                  .sorted(order.reversed())
                  .limit(Math.min(limit, MAX_LIMIT))
                  .toList();
          return HttpResponse.json(Json.regions(found));
        }));
  }

  private void check(Router router, String name) {
    router.get(
        V1 + "/regions/check/" + name,
        leading.handler((session, request) -> {
          int replicas = session.config().current().replication().maxReplicas();
          List<RegionInfo> found = new ArrayList<>();
          for (RegionInfo region : regions(session).tree().scan(new byte[0], new byte[0], 0)) {
            if (matches(name, region, replicas)) {
              found.add(region);
            }
          }
          return HttpResponse.json(Json.regions(found));
        }));
  }

  private static boolean matches(String name, RegionInfo region, int replicas) {
    return switch (name) {
      case "miss-peer" -> region.peers().size() < replicas;
      case "extra-peer" -> region.peers().size() > replicas;
      case "down-peer" -> !region.downPeers().isEmpty();
      case "pending-peer" -> !region.pendingPeers().isEmpty();
      case "learner-peer" -> !region.learners().isEmpty();
      case "empty-region" -> region.sizeMib() <= 1;
      default -> throw new IllegalArgumentException(name);
    };
  }

  /** Ranges that no region covers. */
  private static HttpResponse holes(LeaderSession session, HttpRequest request) {
    List<List<String>> holes = new ArrayList<>();
    byte[][] end = {new byte[0]};
    boolean[] open = {false};
    regions(session)
        .tree()
        .forEach(
            new byte[0],
            region -> {
              if (Bytes.compare(end[0], region.startKey()) != 0) {
                holes.add(List.of(Bytes.hex(end[0]), Bytes.hex(region.startKey())));
              }
              end[0] = region.endKey();
              open[0] = region.endKey().length > 0;
              return true;
            });
    if (open[0]) {
      holes.add(List.of(Bytes.hex(end[0]), ""));
    }
    return HttpResponse.json(holes);
  }

  /** Whether every region of a range has the peers that its rules ask for. */
  private static HttpResponse replicated(LeaderSession session, HttpRequest request) {
    ClusterImage image = session.cluster().image();
    RuleSet rules = session.cluster().placement().current();
    byte[] start = hexKey(request.queryParameter("startKey", ""));
    byte[] end = hexKey(request.queryParameter("endKey", ""));
    boolean all =
        image.regions().tree().scan(start, end, 0).stream()
            .allMatch(
                region -> RegionFitter.fit(rules.of(region), region, image::store).isSatisfied());
    return HttpResponse.json(all ? "REPLICATED" : "INPROGRESS");
  }

  private static byte[] hexKey(String text) {
    try {
      return HexFormat.of().parseHex(text);
    } catch (IllegalArgumentException e) {
      throw new HttpException(400, "key is not hexadecimal: " + text);
    }
  }

  private static HttpResponse scatter(LeaderSession session, HttpRequest request) {
    Map<String, Object> body = Body.object(request);
    List<RegionInfo> wanted = new ArrayList<>();
    if (body.get("regions_id") instanceof List<?> ids) {
      for (Object id : ids) {
        RegionInfo region = regions(session).region(Long.parseLong(String.valueOf(id)));
        if (region != null) {
          wanted.add(region);
        }
      }
    } else {
      wanted =
          regions(session)
              .tree()
              .scan(
                  hexKey(String.valueOf(body.getOrDefault("start_key", ""))),
                  hexKey(String.valueOf(body.getOrDefault("end_key", ""))),
                  0);
    }
    String group = String.valueOf(body.getOrDefault("group", ""));
    int failed = 0;
    for (RegionInfo region : wanted) {
      String refusal =
          session
              .cluster()
              .schedule(coordinator -> {
                String why = coordinator.scatter(session.cluster().image(), region.id(), group);
                return why == null ? "" : why;
              });
      failed += refusal.isEmpty() ? 0 : 1;
    }
    int total = wanted.size();
    return HttpResponse.json(
        Map.of("processed-percentage", total == 0 ? 100 : (total - failed) * 100 / total));
  }

  private static HttpResponse statistics(LeaderSession session, HttpRequest request) {
    byte[] start = key(request, request.queryParameter("start_key", ""));
    byte[] end = key(request, request.queryParameter("end_key", ""));
    List<RegionInfo> found = regions(session).tree().scan(start, end, 0);
    long size = 0;
    long keys = 0;
    int empty = 0;
    Map<String, Integer> leaders = new TreeMap<>();
    Map<String, Integer> peers = new TreeMap<>();
    for (RegionInfo region : found) {
      size += region.sizeMib();
      keys += region.flow().keys();
      empty += region.sizeMib() <= 1 ? 1 : 0;
      if (region.leaderStoreId() != 0) {
        leaders.merge(String.valueOf(region.leaderStoreId()), 1, Integer::sum);
      }
      region
          .peers()
          .forEach(peer -> peers.merge(String.valueOf(peer.getStoreId()), 1, Integer::sum));
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("count", found.size());
    json.put("empty_count", empty);
    json.put("storage_size", size);
    json.put("storage_keys", keys);
    json.put("store_leader_count", leaders);
    json.put("store_peer_count", peers);
    return HttpResponse.json(json);
  }
}
