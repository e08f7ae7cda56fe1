package io.rutile.verify.process;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;

/**
 * A {@code rutile playground} that keeps its ports and its data directory over restarts, so that a
 * test can kill it and go on. Used by one test thread.
 */
public final class Playground implements AutoCloseable {
  private static final Duration START_MAX = Duration.ofSeconds(60);
  private static final Pattern UP = Pattern.compile("\"state_name\"\\s*:\\s*\"Up\"");

  private final Loopback http = new Loopback();
  private final Path directory;
  private final int stores;
  private final List<String> options;
  private final int pdPort;
  private final int kvPort;
  private final int statusPort;
  private RutileProcess process;

  private Playground(Path directory, int stores, List<String> options) {
    this.directory = directory;
    this.stores = stores;
    this.options = options;
    this.pdPort = Loopback.freePorts(1);
    this.kvPort = Loopback.freePorts(stores);
    this.statusPort = Loopback.freePorts(stores);
    this.process = launch();
  }

  /**
   * Starts a playground and waits until its stores serve. {@code options} are passed on to the
   * command.
   */
  public static Playground start(Path directory, int stores, String... options) {
    Playground playground = new Playground(directory, stores, List.of(options));
    try {
      playground.awaitServing();
    } catch (RuntimeException e) {
      playground.close();
      throw e;
    }
    return playground;
  }

  public String pdEndpoint() {
    return "127.0.0.1:" + pdPort;
  }

  public String statusEndpoint() {
    return "127.0.0.1:" + statusPort;
  }

  public String kvEndpoint() {
    return "127.0.0.1:" + kvPort;
  }

  public RutileProcess process() {
    return process;
  }

  /** Kills the process without warning and starts it again on the same data. */
  public void killAndRestart() {
    process.kill();
    restart();
  }

  /** Starts it again on the same data after it ended. */
  public void restart() {
    process = launch();
    awaitServing();
  }

  /** The body of a GET answered with 200. */
  public String get(String endpoint, String path) {
    return http.get(endpoint, path);
  }

  @Override
  public void close() {
    process.close();
    http.close();
  }

  private RutileProcess launch() {
    List<String> arguments = new ArrayList<>();
    arguments.add("playground");
    arguments.addAll(List.of("--stores", Integer.toString(stores)));
    arguments.addAll(List.of("--data-dir", directory.resolve("data").toString()));
    arguments.addAll(List.of("--pd-port", Integer.toString(pdPort)));
    arguments.addAll(List.of("--kv-port", Integer.toString(kvPort)));
    arguments.addAll(List.of("--status-port", Integer.toString(statusPort)));
    arguments.addAll(options);
    return RutileProcess.start(directory.resolve("playground.log"), arguments);
  }

  private void awaitServing() {
    long deadline = System.nanoTime() + START_MAX.toNanos();
    while (System.nanoTime() < deadline) {
      if (!process.alive()) {
        throw new IllegalStateException("playground ended at start:\n" + process.output());
      }
      if (serving()) {
        return;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
    }
    throw new IllegalStateException("playground does not serve:\n" + process.output());
  }

  private boolean serving() {
    try {
      HttpResponse<String> stores = http.fetch("GET", pdEndpoint(), "/pd/api/v1/stores");
      if (stores.statusCode() != 200 || UP.matcher(stores.body()).results().count() < this.stores) {
        return false;
      }
      for (int i = 0; i < this.stores; i++) {
        if (http.fetch("GET", "127.0.0.1:" + (statusPort + i), "/ready").statusCode() != 200) {
          return false;
        }
      }
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
