package io.rutile.verify.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Ports and HTTP on this machine, for tests of real servers. Safe for use by any thread. */
public final class Loopback implements AutoCloseable {
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(1)).build();

  /** Sends a request without a body; the answer may have any status. */
  public HttpResponse<String> fetch(String method, String endpoint, String path)
      throws IOException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://" + endpoint + path))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .timeout(Duration.ofSeconds(5))
            .build();
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  /** The body of a GET answered with 200. */
  public String get(String endpoint, String path) {
    try {
      HttpResponse<String> response = fetch("GET", endpoint, path);
      if (response.statusCode() != 200) {
        throw new IllegalStateException(path + " answered " + response.statusCode());
      }
      return response.body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    http.close();
  }

  /** The first of {@code count} consecutive ports that are free at the moment. */
  public static int freePorts(int count) {
    for (int attempt = 0; attempt < 100; attempt++) {
      List<ServerSocket> sockets = new ArrayList<>();
      try {
        ServerSocket first = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        sockets.add(first);
        for (int i = 1; i < count; i++) {
          sockets.add(
              new ServerSocket(first.getLocalPort() + i, 1, InetAddress.getLoopbackAddress()));
        }
        return first.getLocalPort();
      } catch (IOException | IllegalArgumentException e) {
        continue; // the next port is taken: look elsewhere
      } finally {
        for (ServerSocket socket : sockets) {
          try {
            socket.close();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
      }
    }
    throw new IllegalStateException("no " + count + " consecutive ports are free");
  }
}
