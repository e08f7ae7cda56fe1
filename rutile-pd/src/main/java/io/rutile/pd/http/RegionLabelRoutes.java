package io.rutile.pd.http;

import io.rutile.pd.cluster.LeaderSession;
import io.rutile.pd.core.RegionInfo;
import io.rutile.pd.schedule.placement.RegionLabelRule;
import io.rutile.pd.schedule.placement.RegionLabeler;
import io.rutile.pd.schedule.placement.RuleJson;
import io.rutile.rpc.http.HttpException;
import io.rutile.rpc.http.HttpRequest;
import io.rutile.rpc.http.HttpResponse;
import io.rutile.rpc.http.Router;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Pages of region labels: the rules, and what a region gets from them. */
public final class RegionLabelRoutes {
  private static final String LABEL = "/pd/api/v1/config/region-label";
  private static final String REGION = "/pd/api/v1/region/id/{id}";

  private final Leading leading;

  public RegionLabelRoutes(Leading leading) {
    this.leading = leading;
  }

  public void addTo(Router router) {
    router
        .get(LABEL + "/rules", leading.handler(RegionLabelRoutes::all))
        .route("PATCH", LABEL + "/rules", leading.handler(RegionLabelRoutes::patch))
        .get(LABEL + "/rules/ids", leading.handler(RegionLabelRoutes::byIds))
        .get(LABEL + "/rule/{id...}", leading.handler(RegionLabelRoutes::one))
        .post(LABEL + "/rule", leading.handler(RegionLabelRoutes::put))
        .delete(LABEL + "/rule/{id...}", leading.handler(RegionLabelRoutes::delete))
        .get(REGION + "/labels", leading.handler(RegionLabelRoutes::ofRegion))
        .get(REGION + "/label/{key}", leading.handler(RegionLabelRoutes::labelOfRegion));
  }

  private static RegionLabeler labeler(LeaderSession session) {
    return session.cluster().labeler();
  }

  private static HttpResponse all(LeaderSession session, HttpRequest request) {
    return HttpResponse.json(
        labeler(session).current().rules().stream().map(RuleJson::label).toList());
  }

  private static HttpResponse byIds(LeaderSession session, HttpRequest request) {
    List<Object> found = new ArrayList<>();
    for (Object id : Body.list(request)) {
      RegionLabelRule rule = labeler(session).current().rule(String.valueOf(id));
      if (rule != null) {
        found.add(RuleJson.label(rule));
      }
    }
    return HttpResponse.json(found);
  }

  private static HttpResponse one(LeaderSession session, HttpRequest request) {
    RegionLabelRule rule = labeler(session).current().rule(request.pathParameter("id"));
    if (rule == null) {
      throw new HttpException(404, "region label rule not found");
    }
    return HttpResponse.json(RuleJson.label(rule));
  }

  private static HttpResponse put(LeaderSession session, HttpRequest request) {
    RegionLabeler labeler = labeler(session);
    labeler.change(List.of(labeler.parse(Body.object(request))), List.of());
    return HttpResponse.json("Update region label rule successfully.");
  }

  private static HttpResponse delete(LeaderSession session, HttpRequest request) {
    String id = request.pathParameter("id");
    if (labeler(session).current().rule(id) == null) {
      throw new HttpException(404, "region label rule not found");
    }
    labeler(session).change(List.of(), List.of(id));
    return HttpResponse.json("Delete region label rule successfully.");
  }

  private static HttpResponse patch(LeaderSession session, HttpRequest request) {
    Map<String, Object> body = Body.object(request);
    RegionLabeler labeler = labeler(session);
    List<RegionLabelRule> sets = Body.objects(body, "sets").stream().map(labeler::parse).toList();
    List<String> deletes =
        body.get("deletes") instanceof List<?> ids
            ? ids.stream().map(String::valueOf).toList()
            : List.of();
    labeler.change(sets, deletes);
    return HttpResponse.json("Update region label rules successfully.");
  }

  private static Map<String, String> labels(LeaderSession session, HttpRequest request) {
    RegionInfo region = session.cluster().image().regions().region(request.longPathParameter("id"));
    if (region == null) {
      throw new HttpException(404, "region not found");
    }
    return new TreeMap<>(labeler(session).current().of(region));
  }

  private static HttpResponse ofRegion(LeaderSession session, HttpRequest request) {
    List<Object> pairs = new ArrayList<>();
    labels(session, request)
        .forEach((key, value) -> {
          Map<String, Object> pair = new LinkedHashMap<>();
          pair.put("key", key);
          pair.put("value", value);
          pairs.add(pair);
        });
    return HttpResponse.json(pairs);
  }

  private static HttpResponse labelOfRegion(LeaderSession session, HttpRequest request) {
    return HttpResponse.json(
        labels(session, request).getOrDefault(request.pathParameter("key"), ""));
  }
}
