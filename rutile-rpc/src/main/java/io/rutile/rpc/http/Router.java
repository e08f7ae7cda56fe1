package io.rutile.rpc.http;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the handler of a request by method and path. A path is made of parts; {@code {name}}
 * matches one part and hands it to the handler, {@code {name...}} at the end matches all that is
 * left. A fixed part wins over a named one. HEAD is answered by the handler of GET.
 *
 * <p>Routes are added before the server starts; from then on the router does not change and is used
 * by any thread.
 */
public final class Router {
  private static final Logger LOG = LoggerFactory.getLogger(Router.class);

  private static final List<String> METHODS = List.of("GET", "POST", "PUT", "DELETE", "PATCH");

  private final Node root = new Node();

  /** A router that gives every request the same refusal. */
  static Router refusing(int status, String text) {
    Router router = new Router();
    Node rest = router.root.restNode();
    HttpHandler refusal = request -> HttpResponse.text(status, text);
    for (String method : METHODS) {
      rest.routes.put(method, new Route(refusal, List.of("path")));
      router.root.routes.put(method, new Route(refusal, List.of()));
    }
    return router;
  }

  public Router get(String path, HttpHandler handler) {
    return route("GET", path, handler);
  }

  public Router post(String path, HttpHandler handler) {
    return route("POST", path, handler);
  }

  public Router put(String path, HttpHandler handler) {
    return route("PUT", path, handler);
  }

  public Router delete(String path, HttpHandler handler) {
    return route("DELETE", path, handler);
  }

  /**
   * @throws IllegalArgumentException when the path has a handler for this method already
   */
  public Router route(String method, String path, HttpHandler handler) {
    Node node = root;
    List<String> names = new ArrayList<>();
    for (String part : parts(path)) {
      boolean named = part.startsWith("{") && part.endsWith("}");
      if (!named) {
        node = node.fixed.computeIfAbsent(part, ignored -> new Node());
        continue;
      }
      boolean rest = part.endsWith("...}");
      names.add(part.substring(1, part.length() - (rest ? 4 : 1)));
      node = rest ? node.restNode() : node.namedNode();
    }
    if (node.routes.putIfAbsent(method, new Route(handler, List.copyOf(names))) != null) {
      throw new IllegalArgumentException("two handlers for " + method + " " + path);
    }
    return this;
  }

  /** Every route as {@code METHOD /path}, sorted, named parts as {@code {}}. */
  public List<String> describe() {
    TreeSet<String> all = new TreeSet<>();
    describe(root, "", all);
    return List.copyOf(all);
  }

  /** Runs the handler of a request; whatever goes wrong becomes an answer. */
  public HttpResponse handle(HttpRequest request) {
    try {
      List<String> values = new ArrayList<>();
      Node node = find(root, parts(request.path()), 0, values);
      if (node == null) {
        return HttpResponse.text(404, "404 page not found");
      }
      Route route = node.routes.get(request.method().equals("HEAD") ? "GET" : request.method());
      if (route == null) {
        return HttpResponse.text(405, request.method() + " is not allowed here")
            .withHeader("allow", String.join(", ", new TreeSet<>(node.routes.keySet())));
      }
      Map<String, String> named = new HashMap<>();
      for (int i = 0; i < values.size(); i++) {
        named.put(route.names.get(i), values.get(i));
      }
      return route.handler.handle(request.withPathParameters(named));
    } catch (HttpException e) {
      return HttpResponse.text(e.status(), text(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return HttpResponse.text(503, "the server is stopping");
    } catch (Exception e) {
      LOG.warn("{} {} failed", request.method(), request.path(), e);
      return HttpResponse.text(500, text(e));
    }
  }

  private static @Nullable Node find(Node node, List<String> parts, int at, List<String> values) {
    if (at == parts.size()) {
      return node.routes.isEmpty() ? null : node;
    }
    String part = parts.get(at);
    Node fixed = node.fixed.get(part);
    if (fixed != null) {
      Node found = find(fixed, parts, at + 1, values);
      if (found != null) {
        return found;
      }
    }
    Node named = node.named;
    if (named != null) {
      values.add(part);
      Node found = find(named, parts, at + 1, values);
      if (found != null) {
        return found;
      }
      values.removeLast();
    }
    if (node.rest != null) {
      values.add(String.join("/", parts.subList(at, parts.size())));
      return node.rest;
    }
    return null;
  }

  private static void describe(Node node, String path, TreeSet<String> into) {
    node.routes.keySet().forEach(m -> into.add(m + " " + (path.isEmpty() ? "/" : path)));
    node.fixed.forEach((part, child) -> describe(child, path + "/" + part, into));
    if (node.named != null) {
      describe(node.named, path + "/{}", into);
    }
    if (node.rest != null) {
      describe(node.rest, path + "/{...}", into);
    }
  }

  private static List<String> parts(String path) {
    List<String> parts = new ArrayList<>();
    int at = 0;
    while (at < path.length()) {
      int end = path.indexOf('/', at);
      end = end < 0 ? path.length() : end;
      if (end > at) {
        parts.add(path.substring(at, end));
      }
      at = end + 1;
    }
    return parts;
  }

  private static String text(Exception e) {
    String message = e.getMessage();
    return message == null ? e.toString() : message;
  }

  private record Route(HttpHandler handler, List<String> names) {}

  private static final class Node {
    final Map<String, Node> fixed = new TreeMap<>();
    final Map<String, Route> routes = new HashMap<>();
    @Nullable Node named;
    @Nullable Node rest;

    Node namedNode() {
      Node node = named == null ? new Node() : named;
      named = node;
      return node;
    }

    Node restNode() {
      Node node = rest == null ? new Node() : rest;
      rest = node;
      return node;
    }
  }
}
