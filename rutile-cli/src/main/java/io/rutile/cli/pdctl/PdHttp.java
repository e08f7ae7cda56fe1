package io.rutile.cli.pdctl;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;

/** PD's pages. The first of the given addresses that answers is used. */
final class PdHttp implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final ObjectWriter INDENTED = JSON.writerWithDefaultPrettyPrinter();
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final int OK = 200;

  private final List<String> addresses;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(3))
          .build();

  /**
   * @param addresses as {@code http://host:port}, separated by commas; the scheme may be missing
   */
  PdHttp(String addresses) {
    this.addresses =
        List.of(addresses.split(",")).stream()
            .map(String::trim)
            .filter(address -> !address.isEmpty())
            .map(address -> address.contains("://") ? address : "http://" + address)
            .toList();
  }

  /** One part of a path or query. */
  static String encode(Object part) {
    return URLEncoder.encode(String.valueOf(part), StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** The page as indented JSON. */
  String get(String path) {
    return indented(send("GET", path, null));
  }

  /**
   * @param body anything that becomes JSON
   */
  String post(String path, Object body) {
    return done(send("POST", path, body));
  }

  /** Sends text that is JSON already. */
  String postText(String path, String json) {
    return done(exchange("POST", path, json));
  }

  /**
   * Sends a request and gives the answer as it is.
   *
   * @param body anything that becomes JSON, null for none
   * @throws PdCtlException when PD refuses or cannot be reached
   */
  String send(String method, String path, @Nullable Object body) {
    return exchange(method, path, body == null ? null : JSON.writeValueAsString(body));
  }

  String delete(String path) {
    return done(send("DELETE", path, null));
  }

  static String indented(String json) {
    try {
      return INDENTED.writeValueAsString(JSON.readTree(json));
    } catch (JacksonException e) {
      return json.strip();
    }
  }

  /** PD answers a change with a sentence; here it becomes one line. */
  static String done(String answer) {
    try {
      JsonNode node = JSON.readTree(answer);
      return node.isString() ? "Success! " + node.asString() : indented(answer);
    } catch (JacksonException e) {
      return "Success!";
    }
  }

  private String exchange(String method, String path, @Nullable String body) {
    String failure = "no address of PD was given";
    for (String address : addresses) {
      try {
        HttpRequest request =
            HttpRequest.newBuilder(URI.create(address + path))
                .timeout(TIMEOUT)
                .header("Content-Type", "application/json")
                .method(
                    method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                .build();
        HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
        if (response.statusCode() == OK) {
          return response.body();
        }
        throw new PdCtlException(
            "[%d] %s".formatted(response.statusCode(), response.body().strip()));
      } catch (IOException e) {
        failure = "cannot reach PD at " + address + ": " + e;
      } catch (IllegalArgumentException e) {
        throw new PdCtlException("not an address of PD: " + address);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new PdCtlException("interrupted");
      }
    }
    throw new PdCtlException(failure);
  }

  @Override
  public void close() {
    client.close();
  }
}
