package io.rutile.rpc.http;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;

/**
 * A whole answer.
 *
 * @param headers without those of framing, which are added when it is written
 */
public record HttpResponse(int status, Map<String, String> headers, byte[] body) {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final ObjectWriter INDENTED = JSON.writerWithDefaultPrettyPrinter();

  public HttpResponse {
    headers = Map.copyOf(headers);
  }

  public static HttpResponse empty(int status) {
    return new HttpResponse(status, Map.of(), new byte[0]);
  }

  public static HttpResponse text(int status, String text) {
    return bytes(status, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
  }

  public static HttpResponse html(int status, String text) {
    return bytes(status, "text/html; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
  }

  /** {@code value} as indented JSON, as PD and TiKV answer it; a string becomes a JSON string. */
  public static HttpResponse json(int status, Object value) {
    return bytes(status, "application/json; charset=utf-8", INDENTED.writeValueAsBytes(value));
  }

  public static HttpResponse json(Object value) {
    return json(200, value);
  }

  public static HttpResponse bytes(int status, String contentType, byte[] body) {
    return new HttpResponse(status, Map.of("content-type", contentType), body);
  }

  public HttpResponse withHeader(String name, String value) {
    Map<String, String> changed = new LinkedHashMap<>(headers);
    changed.put(name, value);
    return new HttpResponse(status, changed, body);
  }
}
