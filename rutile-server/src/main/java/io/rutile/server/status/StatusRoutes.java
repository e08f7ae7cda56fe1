package io.rutile.server.status;

import io.rutile.base.error.RutileException;
import io.rutile.base.metric.MetricRegistry;
import io.rutile.rpc.http.HttpException;
import io.rutile.rpc.http.HttpRequest;
import io.rutile.rpc.http.HttpResponse;
import io.rutile.rpc.http.Router;
import io.rutile.store.RegionStatus;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongFunction;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * The paths of the status port, by TiKV's names and shapes. Anything else is 404.
 *
 * <p>Safe for use by any thread; {@link #stop} is called before the server that uses the routes is
 * closed.
 */
public final class StatusRoutes {
  private static final JsonMapper JSON = JsonMapper.shared();

  private final MetricRegistry metrics;
  private final Readiness readiness;
  private final OnlineConfig config;
  private final LongFunction<Optional<RegionStatus>> regions;
  private final ProfilePages profiles = new ProfilePages();

  /**
   * @param regions a region of this store by id
   */
  public StatusRoutes(
      MetricRegistry metrics,
      Readiness readiness,
      OnlineConfig config,
      LongFunction<Optional<RegionStatus>> regions) {
    this.metrics = metrics;
    this.readiness = readiness;
    this.config = config;
    this.regions = regions;
  }

  public Router router() {
    return new Router()
        .get("/metrics", this::metrics)
        .get("/status", request -> HttpResponse.empty(200))
        .get("/ready", this::ready)
        .get("/config", request -> HttpResponse.json(config.tree()))
        .post("/config", this::changeConfig)
        .put("/config/reload", this::reloadConfig)
        .get("/engine_type", request -> HttpResponse.text(200, "raft-kv"))
        .get("/region/{id}", this::region)
        .put("/log-level", this::changeLogLevel)
        .get("/debug/pprof/profile", profiles::cpu)
        .get("/debug/pprof/heap", profiles::heap)
        .get("/debug/pprof/cmdline", profiles::commandLine);
  }

  /** Ends requests that would otherwise take long. */
  public void stop() {
    profiles.stop();
  }

  private HttpResponse metrics(HttpRequest request) {
    return HttpResponse.bytes(200, MetricRegistry.contentType(), metrics.scrape());
  }

  private HttpResponse ready(HttpRequest request) {
    int status = readiness.isReady() ? 200 : 500;
    return request.query().containsKey("verbose")
        ? HttpResponse.json(status, readiness.details())
        : HttpResponse.empty(status);
  }

  private HttpResponse changeConfig(HttpRequest request) {
    Map<String, Object> items = jsonObject(request);
    Map<String, String> texts = new LinkedHashMap<>();
    items.forEach((key, value) -> texts.put(key, String.valueOf(value)));
    boolean persist = !"false".equals(request.queryParameter("persist"));
    try {
      config.change(texts, persist);
    } catch (RutileException e) {
      throw new HttpException(500, "failed to update, error: " + e.getMessage());
    }
    return HttpResponse.empty(200);
  }

  private HttpResponse reloadConfig(HttpRequest request) {
    try {
      config.reload();
    } catch (RutileException e) {
      throw new HttpException(500, "failed to reload, error: " + e.getMessage());
    }
    return HttpResponse.empty(200);
  }

  private HttpResponse region(HttpRequest request) {
    long id = request.longPathParameter("id");
    RegionStatus status =
        regions.apply(id).orElseThrow(() -> new HttpException(404, "region not found: " + id));
    return HttpResponse.json(RegionPage.of(status));
  }

  private HttpResponse changeLogLevel(HttpRequest request) {
    Object level = jsonObject(request).get("log-level");
    if (!(level instanceof String name)) {
      throw new HttpException(400, "expected {\"log-level\": \"info\"}");
    }
    try {
      config.change(Map.of("log.level", name), false);
    } catch (RutileException e) {
      throw new HttpException(400, String.valueOf(e.getMessage()));
    }
    return HttpResponse.empty(200);
  }

  private static Map<String, Object> jsonObject(HttpRequest request) {
    try {
      return JSON.readValue(request.body(), new TypeReference<Map<String, Object>>() {});
    } catch (JacksonException e) {
      throw new HttpException(400, "the body is not a JSON object: " + e.getOriginalMessage());
    }
  }
}
