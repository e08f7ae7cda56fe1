package io.rutile.pd.http;

import io.rutile.pd.cluster.LeaderSession;
import io.rutile.pd.core.ClusterImage;
import io.rutile.pd.core.RegionInfo;
import io.rutile.pd.schedule.placement.PlacementRule;
import io.rutile.pd.schedule.placement.PlacementRules;
import io.rutile.pd.schedule.placement.RegionFit;
import io.rutile.pd.schedule.placement.RegionFitter;
import io.rutile.pd.schedule.placement.RuleFit;
import io.rutile.pd.schedule.placement.RuleGroup;
import io.rutile.pd.schedule.placement.RuleJson;
import io.rutile.pd.schedule.placement.RuleSet;
import io.rutile.rpc.http.HttpException;
import io.rutile.rpc.http.HttpHandler;
import io.rutile.rpc.http.HttpRequest;
import io.rutile.rpc.http.HttpResponse;
import io.rutile.rpc.http.Router;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Pages of placement rules: singly, in groups, in bundles of a group with all its rules. */
public final class RuleRoutes {
  private static final String CONFIG = "/pd/api/v1/config";
  private static final String BUNDLE = CONFIG + "/placement-rule";
  private static final int PRECONDITION_FAILED = 412;

  private final Leading leading;

  public RuleRoutes(Leading leading) {
    this.leading = leading;
  }

  public void addTo(Router router) {
    router
        .get(CONFIG + "/rules", enabled(RuleRoutes::all))
        .post(CONFIG + "/rules", enabled(RuleRoutes::putAll))
        .post(CONFIG + "/rules/batch", enabled(RuleRoutes::batch))
        .get(CONFIG + "/rules/group/{group}", enabled(RuleRoutes::ofGroup))
        .get(CONFIG + "/rules/region/{region}", enabled(RuleRoutes::ofRegion))
        .get(CONFIG + "/rules/region/{region}/detail", enabled(RuleRoutes::fitOfRegion))
        .get(CONFIG + "/rules/key/{key}", enabled(RuleRoutes::atKey))
        .get(CONFIG + "/rule/{group}/{id}", enabled(RuleRoutes::one))
        .post(CONFIG + "/rule", enabled(RuleRoutes::put))
        .delete(CONFIG + "/rule/{group}/{id}", enabled(RuleRoutes::delete))
        .get(CONFIG + "/rule_groups", enabled(RuleRoutes::groups))
        .get(CONFIG + "/rule_group/{id}", enabled(RuleRoutes::group))
        .post(CONFIG + "/rule_group", enabled(RuleRoutes::putGroup))
        .delete(CONFIG + "/rule_group/{id}", enabled(RuleRoutes::deleteGroup))
        .get(BUNDLE, enabled(RuleRoutes::bundles))
        .post(BUNDLE, enabled(RuleRoutes::putBundles))
        .get(BUNDLE + "/{group}", enabled(RuleRoutes::bundleOfGroup))
        .post(BUNDLE + "/{group}", enabled(RuleRoutes::putBundle))
        .delete(BUNDLE + "/{group}", enabled(RuleRoutes::deleteBundle));
  }

  private HttpHandler enabled(Leading.Call call) {
    return leading.handler((session, request) -> {
      if (!session.config().current().replication().enablePlacementRules()) {
        throw new HttpException(PRECONDITION_FAILED, "placement rules feature is disabled");
      }
      return call.answer(session, request);
    });
  }

  private static PlacementRules placement(LeaderSession session) {
    return session.cluster().placement();
  }

  private static RuleSet rules(LeaderSession session) {
    return placement(session).current();
  }

  private static HttpResponse list(List<PlacementRule> rules) {
    return HttpResponse.json(rules.stream().map(RuleJson::rule).toList());
  }

  private static HttpResponse all(LeaderSession session, HttpRequest request) {
    return list(rules(session).rules());
  }

  private static HttpResponse putAll(LeaderSession session, HttpRequest request) {
    List<PlacementRule> given = Body.objects(request).stream().map(RuleJson::rule).toList();
    placement(session).change(draft -> given.forEach(draft::put));
    return HttpResponse.json("Update rules successfully.");
  }

  private static HttpResponse batch(LeaderSession session, HttpRequest request) {
    List<Map<String, Object>> operations = Body.objects(request);
    placement(session)
        .change(draft -> {
          for (Map<String, Object> operation : operations) {
            apply(draft, operation);
          }
        });
    return HttpResponse.json("Batch operations successfully.");
  }

  private static void apply(PlacementRules.Draft draft, Map<String, Object> operation) {
    String action = Body.text(operation, "action");
    switch (action) {
      case "add" -> draft.put(RuleJson.rule(operation));
      case "del" -> {
        String group = Body.text(operation, "group_id");
        String id = String.valueOf(operation.getOrDefault("id", ""));
        boolean prefix = Boolean.TRUE.equals(operation.get("delete_by_id_prefix"));
        draft.deleteFrom(group, prefix ? name -> name.startsWith(id) : id::equals);
      }
      default -> throw new HttpException(400, "action must be add or del, but is " + action);
    }
  }

  private static HttpResponse ofGroup(LeaderSession session, HttpRequest request) {
    return list(rules(session).ofGroup(request.pathParameter("group")));
  }

  private static RegionInfo region(LeaderSession session, HttpRequest request) {
    RegionInfo region =
        session.cluster().image().regions().region(request.longPathParameter("region"));
    if (region == null) {
      throw new HttpException(404, "region not found");
    }
    return region;
  }

  private static HttpResponse ofRegion(LeaderSession session, HttpRequest request) {
    return list(rules(session).of(region(session, request)));
  }

  private static HttpResponse fitOfRegion(LeaderSession session, HttpRequest request) {
    ClusterImage image = session.cluster().image();
    RegionInfo region = region(session, request);
    RegionFit fit = RegionFitter.fit(rules(session).of(region), region, image::store);
    List<Object> ruleFits = new ArrayList<>();
    for (RuleFit one : fit.ruleFits()) {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("rule", RuleJson.rule(one.rule()));
      json.put("peers", one.peers().stream().map(Json::peer).toList());
      json.put("peers-different-role", one.misfits().stream().map(Json::peer).toList());
      json.put("isolation-score", one.isolation());
      ruleFits.add(json);
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("rule-fits", ruleFits);
    json.put("orphan-peers", fit.orphans().stream().map(Json::peer).toList());
    return HttpResponse.json(json);
  }

  private static HttpResponse atKey(LeaderSession session, HttpRequest request) {
    String hex = request.pathParameter("key");
    try {
      return list(rules(session).at(HexFormat.of().parseHex(hex)));
    } catch (IllegalArgumentException e) {
      throw new HttpException(400, "key should be in hex format: " + hex);
    }
  }

  private static HttpResponse one(LeaderSession session, HttpRequest request) {
    PlacementRule rule =
        rules(session).rule(request.pathParameter("group"), request.pathParameter("id"));
    if (rule == null) {
      throw new HttpException(404, "rule not found");
    }
    return HttpResponse.json(RuleJson.rule(rule));
  }

  private static HttpResponse put(LeaderSession session, HttpRequest request) {
    PlacementRule rule = RuleJson.rule(Body.object(request));
    placement(session).change(draft -> draft.put(rule));
    return HttpResponse.json("Update rule successfully.");
  }

  private static HttpResponse delete(LeaderSession session, HttpRequest request) {
    placement(session)
        .change(draft -> draft.delete(request.pathParameter("group"), request.pathParameter("id")));
    return HttpResponse.json("Delete rule successfully.");
  }

  private static HttpResponse groups(LeaderSession session, HttpRequest request) {
    return HttpResponse.json(rules(session).groups().stream().map(RuleJson::group).toList());
  }

  private static HttpResponse group(LeaderSession session, HttpRequest request) {
    String id = request.pathParameter("id");
    for (RuleGroup group : rules(session).groups()) {
      if (group.id().equals(id)) {
        return HttpResponse.json(RuleJson.group(group));
      }
    }
    throw new HttpException(404, "rule group not found");
  }

  private static HttpResponse putGroup(LeaderSession session, HttpRequest request) {
    RuleGroup group = RuleJson.group(Body.object(request));
    placement(session).change(draft -> draft.put(group));
    return HttpResponse.json("Update rule group successfully.");
  }

  private static HttpResponse deleteGroup(LeaderSession session, HttpRequest request) {
    placement(session).change(draft -> draft.deleteGroup(request.pathParameter("id")));
    return HttpResponse.json("Delete rule group successfully.");
  }

  private static Map<String, Object> bundle(RuleSet rules, RuleGroup group) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("group_id", group.id());
    json.put("group_index", group.index());
    json.put("group_override", group.override());
    json.put("rules", rules.ofGroup(group.id()).stream().map(RuleJson::rule).toList());
    return json;
  }

  private static HttpResponse bundles(LeaderSession session, HttpRequest request) {
    RuleSet rules = rules(session);
    return HttpResponse.json(rules.groups().stream().map(group -> bundle(rules, group)).toList());
  }

  private static HttpResponse bundleOfGroup(LeaderSession session, HttpRequest request) {
    RuleSet rules = rules(session);
    return HttpResponse.json(bundle(rules, rules.group(request.pathParameter("group"))));
  }

  private static HttpResponse putBundles(LeaderSession session, HttpRequest request) {
    List<Map<String, Object>> given = Body.objects(request);
    boolean partial = request.query().containsKey("partial");
    placement(session)
        .change(draft -> {
          List<String> kept = given.stream().map(bundle -> Body.text(bundle, "group_id")).toList();
          for (String group : draft.groupIds()) {
            if (!partial && !kept.contains(group)) {
              draft.deleteFrom(group, id -> true);
              draft.deleteGroup(group);
            }
          }
          given.forEach(bundle -> replace(draft, Body.text(bundle, "group_id"), bundle));
        });
    return HttpResponse.json("Update rules and groups successfully.");
  }

  private static HttpResponse putBundle(LeaderSession session, HttpRequest request) {
    Map<String, Object> bundle = Body.object(request);
    String group = request.pathParameter("group");
    placement(session).change(draft -> replace(draft, group, bundle));
    return HttpResponse.json("Update group and rules successfully.");
  }

  /** The group has afterwards what the bundle says, and nothing else. */
  private static void replace(
      PlacementRules.Draft draft, String group, Map<String, Object> bundle) {
    Object named = bundle.getOrDefault("group_id", "");
    if (!named.equals("") && !named.equals(group)) {
      throw new HttpException(
          400, "group id %s does not match request URI %s".formatted(named, group));
    }
    draft.deleteFrom(group, id -> true);
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("id", group);
    settings.put("index", bundle.getOrDefault("group_index", 0));
    settings.put("override", bundle.getOrDefault("group_override", false));
    draft.put(RuleJson.group(settings));
    for (Map<String, Object> rule : Body.objects(bundle, "rules")) {
      Object owner = rule.getOrDefault("group_id", "");
      if (!owner.equals("") && !owner.equals(group)) {
        throw new HttpException(
            400, "rule group %s does not match group ID %s".formatted(owner, group));
      }
      Map<String, Object> whole = new LinkedHashMap<>(rule);
      whole.put("group_id", group);
      draft.put(RuleJson.rule(whole));
    }
  }

  private static HttpResponse deleteBundle(LeaderSession session, HttpRequest request) {
    String group = request.pathParameter("group");
    Predicate<String> meant = group::equals;
    if (request.query().containsKey("regexp")) {
      try {
        meant = Pattern.compile(group).asPredicate();
      } catch (PatternSyntaxException e) {
        throw new HttpException(400, "not a regular expression: " + e.getMessage());
      }
    }
    Predicate<String> doomed = meant;
    placement(session)
        .change(draft ->
            draft.groupIds().stream()
                .filter(doomed)
                .forEach(id -> {
                  draft.deleteFrom(id, any -> true);
                  draft.deleteGroup(id);
                }));
    return HttpResponse.json("Delete group and rules successfully.");
  }
}
