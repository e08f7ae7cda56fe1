package io.rutile.rpc.http;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A whole request.
 *
 * @param method upper case
 * @param path decoded, without the query
 * @param pathParameters values of the route's {@code {name}} parts
 * @param query decoded parameters, each with its values in order
 * @param headers by lower-case name, and {@link #TARGET}
 */
public record HttpRequest(
    String method,
    String path,
    Map<String, String> pathParameters,
    Map<String, List<String>> query,
    Map<String, String> headers,
    byte[] body) {
  /** Pseudo header, as HTTP/2 names it: path and query as they came, still encoded. */
  public static final String TARGET = ":path";

  /** The value of a {@code {name}} part of the route. */
  public String pathParameter(String name) {
    String value = pathParameters.get(name);
    if (value == null) {
      throw new IllegalArgumentException("the route of " + path + " has no {" + name + "}");
    }
    return value;
  }

  /** A whole number in the path; anything else there is the caller's mistake. */
  public long longPathParameter(String name) {
    return parseLong(name, pathParameter(name));
  }

  /** The first value of a query parameter. */
  public @Nullable String queryParameter(String name) {
    List<String> values = query.get(name);
    return values == null || values.isEmpty() ? null : values.getFirst();
  }

  public String queryParameter(String name, String otherwise) {
    String value = queryParameter(name);
    return value == null ? otherwise : value;
  }

  /** A whole number in the query; anything else there is the caller's mistake. */
  public long longQueryParameter(String name, long otherwise) {
    String value = queryParameter(name);
    return value == null || value.isEmpty() ? otherwise : parseLong(name, value);
  }

  public @Nullable String header(String lowerCaseName) {
    return headers.get(lowerCaseName);
  }

  public String bodyText() {
    return new String(body, StandardCharsets.UTF_8);
  }

  HttpRequest withPathParameters(Map<String, String> parameters) {
    return new HttpRequest(method, path, parameters, query, headers, body);
  }

  private static long parseLong(String name, String value) {
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw new HttpException(400, name + ": \"" + value + "\" is not a whole number");
    }
  }
}
