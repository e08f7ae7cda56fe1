package io.rutile.pd.http;

import io.rutile.pd.cluster.LeaderSession;
import io.rutile.pd.schedule.SchedulerTable;
import io.rutile.pd.schedule.schedulers.LabelScheduler;
import io.rutile.rpc.http.HttpException;
import io.rutile.rpc.http.HttpRequest;
import io.rutile.rpc.http.HttpResponse;
import io.rutile.rpc.http.Router;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Pages for the operator of the cluster: label properties, markers, ids, replication mode. */
public final class AdminRoutes {
  private static final String V1 = "/pd/api/v1";
  private static final String PROPERTY = V1 + "/config/label-property";
  private static final String RECOVERING = V1 + "/admin/cluster/markers/snapshot-recovering";
  private static final String MODE = V1 + "/config/replication-mode";

  private final Leading leading;

  public AdminRoutes(Leading leading) {
    this.leading = leading;
  }

  public void addTo(Router router) {
    router
        .get(PROPERTY, leading.handler(AdminRoutes::properties))
        .post(PROPERTY, leading.handler(AdminRoutes::setProperty))
        .get(RECOVERING, leading.handler(AdminRoutes::isRecovering))
        .post(RECOVERING, leading.handler(AdminRoutes::markRecovering))
        .delete(RECOVERING, leading.handler(AdminRoutes::unmarkRecovering))
        .post(V1 + "/admin/base-alloc-id", leading.handler(AdminRoutes::raiseIds))
        .get(MODE, leading.handler(AdminRoutes::replicationMode))
        .get(V1 + "/replication_mode/status", leading.handler(AdminRoutes::replicationStatus));
  }

  private static HttpResponse properties(LeaderSession session, HttpRequest request) {
    List<Map<String, String>> labels = session.cluster().schedulers().rejectedLeaders();
    return HttpResponse.json(
        labels.isEmpty() ? Map.of() : Map.of(LabelScheduler.REJECT_LEADER, labels));
  }

  private static HttpResponse setProperty(LeaderSession session, HttpRequest request) {
    Map<String, Object> body = Body.object(request);
    String type = Body.text(body, "type");
    if (!type.equals(LabelScheduler.REJECT_LEADER)) {
      throw new HttpException(400, "unknown label property " + type + ": only reject-leader is");
    }
    String action = Body.text(body, "action");
    boolean set =
        switch (action) {
          case "set" -> true;
          case "delete" -> false;
          default -> throw new HttpException(400, "action must be set or delete, not " + action);
        };
    SchedulerTable schedulers = session.cluster().schedulers();
    schedulers.rejectLeader(Body.text(body, "label-key"), Body.text(body, "label-value"), set);
    return HttpResponse.json("The label property is updated.");
  }

  private static HttpResponse isRecovering(LeaderSession session, HttpRequest request) {
    boolean marked = session.meta().get(session.paths().snapshotRecovering()) != null;
    return HttpResponse.json(Map.of("marked", marked));
  }

  private static HttpResponse markRecovering(LeaderSession session, HttpRequest request) {
    session.meta().put(session.paths().snapshotRecovering(), "on");
    return HttpResponse.json("Mark snapshot recovering successfully.");
  }

  private static HttpResponse unmarkRecovering(LeaderSession session, HttpRequest request) {
    session.meta().delete(session.paths().snapshotRecovering());
    return HttpResponse.json("Unmark snapshot recovering successfully.");
  }

  private static HttpResponse raiseIds(LeaderSession session, HttpRequest request) {
    long wanted = Body.number(Body.object(request), "id");
    long last = session.ids().allocate(1);
    if (wanted > last) {
      session.ids().allocate(wanted - last);
    }
    return HttpResponse.json("Recover alloc id successfully.");
  }

  private static HttpResponse replicationMode(LeaderSession session, HttpRequest request) {
    return HttpResponse.json(Map.of("replication-mode", "majority"));
  }

  private static HttpResponse replicationStatus(LeaderSession session, HttpRequest request) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("mode", "majority");
    return HttpResponse.json(json);
  }
}
