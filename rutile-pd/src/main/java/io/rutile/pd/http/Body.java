package io.rutile.pd.http;

import io.rutile.rpc.http.HttpException;
import io.rutile.rpc.http.HttpRequest;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** JSON request bodies. A wrong one is the caller's error, told as PD's 400. */
final class Body {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

  private Body() {}

  static Map<String, Object> object(HttpRequest request) {
    try {
      return JSON.readValue(request.body(), OBJECT);
    } catch (JacksonException e) {
      throw new HttpException(400, "the body is not a JSON object: " + e.getOriginalMessage());
    }
  }

  static String text(Map<String, Object> body, String key) {
    Object value = body.get(key);
    if (value == null) {
      throw new HttpException(400, key + " is missing");
    }
    return value.toString();
  }

  static long number(Map<String, Object> body, String key) {
    return number(key, body.get(key));
  }

  static double decimal(Map<String, Object> body, String key, double otherwise) {
    Object value = body.get(key);
    if (value == null) {
      return otherwise;
    }
    try {
      return Double.parseDouble(value.toString());
    } catch (NumberFormatException e) {
      throw new HttpException(400, key + " is not a number: " + value);
    }
  }

  private static long number(String key, @Nullable Object value) {
    if (value == null) {
      throw new HttpException(400, key + " is missing");
    }
    try {
      String text = value.toString();
      return text.endsWith(".0") ? (long) Double.parseDouble(text) : Long.parseUnsignedLong(text);
    } catch (NumberFormatException e) {
      throw new HttpException(400, key + " is not a whole number: " + value);
    }
  }
}
