package io.rutile.pd.http;

import io.rutile.pd.cluster.Cluster;
import io.rutile.pd.cluster.ClusterException;
import io.rutile.pd.cluster.LeaderSession;
import io.rutile.pd.schedule.AdminOperators;
import io.rutile.pd.schedule.operator.Operator;
import io.rutile.pd.schedule.operator.OperatorStep;
import io.rutile.rpc.http.HttpException;
import io.rutile.rpc.http.HttpRequest;
import io.rutile.rpc.http.HttpResponse;
import io.rutile.rpc.http.Router;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Pages of operators: those under way, those that ended lately, and new ones by hand. */
public final class OperatorRoutes {
  private static final String OPERATORS = "/pd/api/v1/operators";

  private final Leading leading;

  public OperatorRoutes(Leading leading) {
    this.leading = leading;
  }

  public void addTo(Router router) {
    router
        .get(OPERATORS, leading.handler(OperatorRoutes::all))
        .post(OPERATORS, leading.handler(OperatorRoutes::add))
        .delete(OPERATORS, leading.handler(OperatorRoutes::removeAll))
        .get(OPERATORS + "/records", leading.handler(OperatorRoutes::records))
        .get(OPERATORS + "/{region}", leading.handler(OperatorRoutes::one))
        .delete(OPERATORS + "/{region}", leading.handler(OperatorRoutes::remove));
  }

  private static String describe(Operator operator, long nowNanos) {
    return operator + " running for " + operator.runningMillis(nowNanos) + "ms";
  }

  private static Map<String, Object> object(Operator operator, long nowNanos) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("desc", operator.description());
    json.put("region_id", operator.regionId());
    json.put("kind", operator.kind().wireName());
    json.put("status", operator.status().name());
    json.put("steps", operator.steps().stream().map(OperatorStep::toString).toList());
    json.put("current_step", operator.currentStep().toString());
    json.put("running_ms", operator.runningMillis(nowNanos));
    if (!operator.endReason().isEmpty()) {
      json.put("end_reason", operator.endReason());
    }
    return json;
  }

  private static boolean asObjects(HttpRequest request) {
    return request.query().containsKey("object");
  }

  private static Object shape(Operator operator, long nowNanos, boolean object) {
    return object ? object(operator, nowNanos) : describe(operator, nowNanos);
  }

  private static HttpResponse all(LeaderSession session, HttpRequest request) {
    List<String> kinds = request.query().getOrDefault("kind", List.of());
    Predicate<Operator> wanted =
        operator ->
            kinds.isEmpty()
                || kinds.contains(operator.kind().wireName())
                || kinds.contains(operator.description());
    boolean objects = asObjects(request);
    Cluster cluster = session.cluster();
    return HttpResponse.json(
        cluster.schedule(coordinator ->
            coordinator.operators().all().stream()
                .filter(wanted)
                .map(operator -> shape(operator, cluster.image().nowNanos(), objects))
                .toList()));
  }

  private static HttpResponse records(LeaderSession session, HttpRequest request) {
    Cluster cluster = session.cluster();
    return HttpResponse.json(
        cluster.schedule(coordinator -> {
          List<Object> records = new ArrayList<>();
          for (Operator operator : coordinator.operators().ended()) {
            records.add(object(operator, cluster.image().nowNanos()));
          }
          return records;
        }));
  }

  private static HttpResponse one(LeaderSession session, HttpRequest request) {
    long region = request.longPathParameter("region");
    Cluster cluster = session.cluster();
    boolean objects = asObjects(request);
    return HttpResponse.json(
        cluster.schedule(coordinator -> {
          Operator operator = coordinator.operators().latest(region);
          if (operator == null) {
            throw new HttpException(404, "operator not found");
          }
          return shape(operator, cluster.image().nowNanos(), objects);
        }));
  }

  private static HttpResponse remove(LeaderSession session, HttpRequest request) {
    long region = request.longPathParameter("region");
    Cluster cluster = session.cluster();
    boolean removed =
        cluster.schedule(coordinator ->
            coordinator
                .operators()
                .cancel(region, "removed by an administrator", cluster.image().nowNanos()));
    if (!removed) {
      throw new HttpException(404, "operator not found");
    }
    return HttpResponse.json("The pending operator is canceled.");
  }

  private static HttpResponse removeAll(LeaderSession session, HttpRequest request) {
    Cluster cluster = session.cluster();
    cluster.schedule(coordinator -> {
      for (Operator operator : coordinator.operators().all()) {
        coordinator
            .operators()
            .cancel(operator.regionId(), "removed by an administrator", cluster.image().nowNanos());
      }
      return Boolean.TRUE;
    });
    return HttpResponse.json("All pending operators are canceled.");
  }

  private static HttpResponse add(LeaderSession session, HttpRequest request) {
    Map<String, Object> body = Body.object(request);
    AdminOperators.Order order = order(body);
    Cluster cluster = session.cluster();
    String refusal =
        cluster.schedule(coordinator -> {
          String refused = AdminOperators.start(coordinator, cluster.image(), order);
          return refused == null ? "" : refused;
        });
    if (!refusal.isEmpty()) {
      throw ClusterException.unknown(refusal);
    }
    return HttpResponse.json("The operator is created.");
  }

  private static AdminOperators.Order order(Map<String, Object> body) {
    String name = Body.text(body, "name");
    return switch (name) {
      case "transfer-leader" ->
          new AdminOperators.TransferLeader(
              Body.number(body, "region_id"), Body.number(body, "to_store_id"));
      case "transfer-region" ->
          new AdminOperators.TransferRegion(
              Body.number(body, "region_id"), numbers(body, "to_store_ids"));
      case "transfer-peer" ->
          new AdminOperators.TransferPeer(
              Body.number(body, "region_id"),
              Body.number(body, "from_store_id"),
              Body.number(body, "to_store_id"));
      case "add-peer" ->
          new AdminOperators.AddPeer(
              Body.number(body, "region_id"), Body.number(body, "store_id"), false);
      case "add-learner" ->
          new AdminOperators.AddPeer(
              Body.number(body, "region_id"), Body.number(body, "store_id"), true);
      case "remove-peer" ->
          new AdminOperators.RemovePeer(
              Body.number(body, "region_id"), Body.number(body, "store_id"));
      case "merge-region" ->
          new AdminOperators.Merge(
              Body.number(body, "source_region_id"), Body.number(body, "target_region_id"));
      case "split-region" ->
          new AdminOperators.Split(
              Body.number(body, "region_id"), Body.text(body, "policy"), keys(body));
      case "scatter-region" ->
          new AdminOperators.Scatter(
              Body.number(body, "region_id"), String.valueOf(body.getOrDefault("group", "")));
      default -> throw new HttpException(400, "unknown operator " + name);
    };
  }

  private static List<Long> numbers(Map<String, Object> body, String key) {
    if (!(body.get(key) instanceof List<?> list)) {
      throw new HttpException(400, key + " is missing");
    }
    List<Long> numbers = new ArrayList<>();
    for (Object one : list) {
      numbers.add(Body.number(Map.of(key, String.valueOf(one)), key));
    }
    return numbers;
  }

  private static List<byte[]> keys(Map<String, Object> body) {
    List<byte[]> keys = new ArrayList<>();
    if (body.get("keys") instanceof List<?> list) {
      for (Object one : list) {
        try {
          keys.add(HexFormat.of().parseHex(String.valueOf(one)));
        } catch (IllegalArgumentException e) {
          throw new HttpException(400, "split key is not hexadecimal: " + one);
        }
      }
    }
    return keys;
  }
}
