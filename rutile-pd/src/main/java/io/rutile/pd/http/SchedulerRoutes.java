package io.rutile.pd.http;

import io.rutile.pd.cluster.LeaderSession;
import io.rutile.pd.schedule.SchedulerRun;
import io.rutile.rpc.http.HttpException;
import io.rutile.rpc.http.HttpRequest;
import io.rutile.rpc.http.HttpResponse;
import io.rutile.rpc.http.Router;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Pages of schedulers: which there are, how they are set, why they propose nothing. */
public final class SchedulerRoutes {
  private static final String SCHEDULERS = "/pd/api/v1/schedulers";
  private static final String SETTINGS = "/pd/api/v1/scheduler-config";

  private final Leading leading;

  public SchedulerRoutes(Leading leading) {
    this.leading = leading;
  }

  public void addTo(Router router) {
    router
        .get(SCHEDULERS, leading.handler(SchedulerRoutes::names))
        .post(SCHEDULERS, leading.handler(SchedulerRoutes::add))
        .delete(SCHEDULERS + "/{name}", leading.handler(SchedulerRoutes::remove))
        .post(SCHEDULERS + "/{name}", leading.handler(SchedulerRoutes::pause))
        .get(SCHEDULERS + "/diagnostic/{name}", leading.handler(SchedulerRoutes::diagnose))
        .get(SETTINGS, leading.handler(SchedulerRoutes::allSettings))
        .get(SETTINGS + "/{name}/list", leading.handler(SchedulerRoutes::settings))
        .post(SETTINGS + "/{name}/config", leading.handler(SchedulerRoutes::configure))
        .delete(SETTINGS + "/{name}/delete/{store}", leading.handler(SchedulerRoutes::removeStore));
  }

  /** A scheduler as it is now, taken on the loop's thread. */
  private record State(String name, String status, String summary, long ageMillis) {}

  private static List<State> states(LeaderSession session) {
    var cluster = session.cluster();
    return cluster.schedule(coordinator -> {
      long now = cluster.image().nowNanos();
      boolean halted = cluster.image().config().schedule().haltScheduling();
      List<State> states = new ArrayList<>();
      for (SchedulerRun run : coordinator.runs()) {
        states.add(
            new State(
                run.name(),
                run.status(now, halted),
                run.summary(),
                (now - run.diagnosedNanos()) / 1_000_000));
      }
      return states;
    });
  }

  private static HttpResponse names(LeaderSession session, HttpRequest request) {
    String status = request.queryParameter("status", "");
    if (status.isEmpty()) {
      return HttpResponse.json(session.cluster().schedulers().names());
    }
    return switch (status) {
      case "paused" ->
          HttpResponse.json(
              states(session).stream()
                  .filter(state -> state.status.equals("paused"))
                  .map(State::name)
                  .toList());
      case "disabled" -> HttpResponse.json(List.of());
      default -> throw new HttpException(400, "status must be paused or disabled, not " + status);
    };
  }

  private static HttpResponse add(LeaderSession session, HttpRequest request) {
    Map<String, Object> body = Body.object(request);
    for (String argument : List.of("ranges", "start_key", "end_key")) {
      if (body.containsKey(argument)) {
        throw new HttpException(400, argument + ": schedulers are for all keys here");
      }
    }
    long store = body.containsKey("store_id") ? Body.number(body, "store_id") : 0;
    if (store != 0) {
      session.cluster().store(store);
    }
    session.cluster().schedulers().add(Body.text(body, "name"), store);
    return HttpResponse.json("The scheduler is created.");
  }

  private static HttpResponse remove(LeaderSession session, HttpRequest request) {
    session.cluster().schedulers().remove(request.pathParameter("name"));
    return HttpResponse.json("The scheduler is removed.");
  }

  private static HttpResponse pause(LeaderSession session, HttpRequest request) {
    long delay = Body.number(Body.object(request), "delay");
    session.cluster().schedulers().pause(request.pathParameter("name"), delay);
    return HttpResponse.json("Pause or resume the scheduler successfully.");
  }

  private static HttpResponse diagnose(LeaderSession session, HttpRequest request) {
    String name = request.pathParameter("name");
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", name);
    for (State state : states(session)) {
      if (state.name.equals(name)) {
        json.put("status", state.status);
        json.put("summary", state.summary);
        json.put("age_ms", state.ageMillis);
        return HttpResponse.json(json);
      }
    }
    json.put("status", "disabled");
    json.put("summary", "the scheduler does not exist");
    return HttpResponse.json(json);
  }

  private static HttpResponse allSettings(LeaderSession session, HttpRequest request) {
    Map<String, Object> json = new LinkedHashMap<>();
    for (String name : session.cluster().schedulers().names()) {
      json.put(name, settingsOf(session, name));
    }
    return HttpResponse.json(json);
  }

  private static Map<String, Object> settingsOf(LeaderSession session, String name) {
    Map<String, Object> settings = session.cluster().schedulers().settings(name);
    if (settings == null) {
      throw new HttpException(404, "scheduler not found: " + name);
    }
    return settings;
  }

  private static HttpResponse settings(LeaderSession session, HttpRequest request) {
    return HttpResponse.json(settingsOf(session, request.pathParameter("name")));
  }

  private static HttpResponse configure(LeaderSession session, HttpRequest request) {
    String name = request.pathParameter("name");
    settingsOf(session, name);
    Map<String, Object> body = Body.object(request);
    if (!body.containsKey("store_id")) {
      throw new HttpException(400, name + " can only be given a store_id");
    }
    long store = Body.number(body, "store_id");
    session.cluster().store(store);
    session.cluster().schedulers().add(name, store);
    return HttpResponse.json("The scheduler has been applied to the store.");
  }

  private static HttpResponse removeStore(LeaderSession session, HttpRequest request) {
    session
        .cluster()
        .schedulers()
        .remove(request.pathParameter("name") + "-" + request.longPathParameter("store"));
    return HttpResponse.json("The store is removed from the scheduler.");
  }
}
