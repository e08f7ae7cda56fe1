package io.rutile.pd.http;

import io.rutile.base.metric.MetricRegistry;
import io.rutile.pd.cluster.ReleaseVersion;
import io.rutile.pd.member.LeaderCycle;
import io.rutile.pd.member.MemberDirectory;
import io.rutile.proto.pdpb.Member;
import io.rutile.rpc.http.HttpException;
import io.rutile.rpc.http.HttpRequest;
import io.rutile.rpc.http.HttpResponse;
import io.rutile.rpc.http.Router;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Pages that every member answers: who is there, is it well, what version. */
public final class MemberRoutes {
  private static final String V1 = "/pd/api/v1";

  private final LeaderCycle cycle;
  private final MemberDirectory members;
  private final Predicate<Member> healthy;
  private final MetricRegistry metrics;
  private final ClusterMetrics clusterMetrics;
  private final long startSeconds;

  /**
   * @param healthy whether a member answers; asked for others than this one
   * @param startSeconds when this process started, in seconds since 1970
   */
  public MemberRoutes(
      LeaderCycle cycle,
      MemberDirectory members,
      Predicate<Member> healthy,
      MetricRegistry metrics,
      ClusterMetrics clusterMetrics,
      long startSeconds) {
    this.cycle = cycle;
    this.members = members;
    this.healthy = healthy;
    this.metrics = metrics;
    this.clusterMetrics = clusterMetrics;
    this.startSeconds = startSeconds;
  }

  public void addTo(Router router) {
    router
        .get(V1 + "/version", request -> HttpResponse.json(Map.of("version", version())))
        .get(V1 + "/status", this::status)
        .get(V1 + "/ping", request -> HttpResponse.text(200, ""))
        .get(V1 + "/health", this::health)
        .get("/health", request -> HttpResponse.json(Map.of("health", "true")))
        .get(V1 + "/members", this::members)
        .get(V1 + "/leader", this::leader)
        .get("/metrics", this::metrics);
  }

  private HttpResponse metrics(HttpRequest request) {
    clusterMetrics.refresh();
    return HttpResponse.bytes(200, MetricRegistry.contentType(), metrics.scrape());
  }

  private static String version() {
    return "v" + ReleaseVersion.CURRENT;
  }

  private HttpResponse status(HttpRequest request) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("build_ts", "");
    json.put("version", version());
    json.put("git_hash", "rutile");
    json.put("start_timestamp", startSeconds);
    json.put("kernel_type", "Classic");
    return HttpResponse.json(json);
  }

  private HttpResponse health(HttpRequest request) {
    List<Object> all = new ArrayList<>();
    for (Member member : members.members()) {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("name", member.getName());
      json.put("member_id", Json.id(member.getMemberId()));
      json.put("client_urls", List.copyOf(member.getClientUrlsList()));
      json.put("health", member.getMemberId() == members.selfId() || healthy.test(member));
      all.add(json);
    }
    return HttpResponse.json(all);
  }

  private HttpResponse members(HttpRequest request) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("header", Map.of("cluster_id", Json.id(cycle.clusterId())));
    json.put("members", members.members().stream().map(Json::member).toList());
    Member leader = members.leader();
    if (leader != null) {
      json.put("leader", Json.member(leader));
      json.put("etcd_leader", Json.member(leader));
    }
    return HttpResponse.json(json);
  }

  private HttpResponse leader(HttpRequest request) {
    Member leader = members.leader();
    if (leader == null) {
      throw new HttpException(503, "no leader");
    }
    return HttpResponse.json(Json.member(leader));
  }
}
