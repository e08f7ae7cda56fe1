package io.rutile.pd.http;

import io.rutile.rpc.http.HttpException;
import io.rutile.rpc.http.HttpRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** JSON request bodies. A wrong one is the caller's error, told as PD's 400. */
final class Body {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

  private static final TypeReference<List<Object>> LIST = new TypeReference<>() {};

  private Body() {}

  static Map<String, Object> object(HttpRequest request) {
    try {
      return JSON.readValue(request.body(), OBJECT);
    } catch (JacksonException e) {
      throw new HttpException(400, "the body is not a JSON object: " + e.getOriginalMessage());
    }
  }

  /** The members of a JSON array. */
  static List<Object> list(HttpRequest request) {
    try {
      return JSON.readValue(request.body(), LIST);
    } catch (JacksonException e) {
      throw new HttpException(400, "the body is not a JSON array: " + e.getOriginalMessage());
    }
  }

  /** The members of a JSON array of objects. */
  static List<Map<String, Object>> objects(HttpRequest request) {
    return list(request).stream().map(Body::asObject).toList();
  }

  /** The members of an array of objects within a body; none when it is missing. */
  static List<Map<String, Object>> objects(Map<String, Object> body, String key) {
    return switch (body.get(key)) {
      case null -> List.of();
      case List<?> members -> members.stream().map(Body::asObject).toList();
      case Object other -> throw new HttpException(400, key + " is not an array: " + other);
    };
  }

  private static Map<String, Object> asObject(Object member) {
    if (!(member instanceof Map<?, ?> map)) {
      throw new HttpException(400, "not a JSON object: " + member);
    }
    Map<String, Object> object = new LinkedHashMap<>();
    map.forEach((key, value) -> {
      if (value != null) {
        object.put(String.valueOf(key), value);
      }
    });
    return object;
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
