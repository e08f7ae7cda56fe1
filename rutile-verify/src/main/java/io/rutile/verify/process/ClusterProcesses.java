package io.rutile.verify.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One {@code pd-server} or several, and {@code tikv-server} processes, with a proxy before each, so
 * that a test can kill, pause and cut off any of them. Ports and data outlive a kill. Used by one
 * test thread.
 *
 * <p>Elections are ten times as fast as in production, so that a test sees many of them: an
 * election timeout is {@link #ELECTION_MILLIS}, a lease a little shorter.
 */
public final class ClusterProcesses implements AutoCloseable {
  /** The least time without a leader's word after which a peer stands for election. */
  public static final long ELECTION_MILLIS = 1_000;

  private static final Duration START_MAX = Duration.ofSeconds(90);
  private static final String PD = "pd";
  private static final Pattern NAME = Pattern.compile("\"name\"\\s*:\\s*\"([^\"]+)\"");
  private static final Map<String, String> ENVIRONMENT =
      Map.of("RUTILE_HEAP", "256m", "RUTILE_JAVA_OPTS", "-XX:+UseSerialGC");
  private static final String CONFIG =
      """
      [raftstore]
      raft-base-tick-interval = "100ms"
      raft-store-max-leader-lease = "900ms"
      pd-heartbeat-tick-interval = "2s"
      pd-store-heartbeat-tick-interval = "1s"

      [storage]
      reserve-space = "0MB"
      """;

  /**
   * One server: what it listens on, and the proxy that others see. PD has no status port: there it
   * is that for other members.
   */
  private static final class Server {
    final String name;
    final int port = Loopback.freePorts(1);
    final int statusPort = Loopback.freePorts(1);
    final int proxyPort = Loopback.freePorts(1);

    @SuppressWarnings("NullAway.Init") // launched at once, when all names and ports are known
    RutileProcess process;

    Server(String name) {
      this.name = name;
    }
  }

  private final Path directory;
  private final Loopback http = new Loopback();
  private final Links links = new Links();
  private final List<ChaosProxy> proxies = new ArrayList<>();
  private final List<Server> stores = new ArrayList<>();
  private final List<Server> pds = new ArrayList<>();

  private ClusterProcesses(Path directory) {
    this.directory = directory;
    try {
      Files.createDirectories(directory);
      Files.writeString(directory.resolve("tikv.toml"), CONFIG);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void launchPds(int members) {
    for (int i = 0; i < members; i++) {
      pds.add(new Server(i == 0 ? PD : PD + "-" + i));
    }
    for (Server member : pds) {
      member.process = launchPd(member);
      proxy(member);
    }
  }

  /** Starts a cluster with one PD and waits until every store serves. */
  public static ClusterProcesses start(Path directory, int stores) {
    return start(directory, stores, 1);
  }

  /** Starts a cluster with that many PD members and waits until every store serves. */
  public static ClusterProcesses start(Path directory, int stores, int pds) {
    ClusterProcesses cluster = new ClusterProcesses(directory);
    try {
      cluster.launchPds(pds);
      cluster.await("PD serves", () -> cluster.answers(cluster.pdEndpoint(), "/pd/api/v1/leader"));
      for (int i = 0; i < stores; i++) {
        cluster.launchNext();
      }
      cluster.awaitServing();
    } catch (RuntimeException e) {
      cluster.close();
      throw e;
    }
    return cluster;
  }

  /** Starts one more store and waits until it serves. Returns its index. */
  public int addStore() {
    launchNext();
    awaitServing(stores.size() - 1);
    return stores.size() - 1;
  }

  private void launchNext() {
    Server store = new Server("store-" + stores.size());
    store.process = launchStore(store);
    proxy(store);
    stores.add(store);
  }

  private void proxy(Server server) {
    proxies.add(
        new ChaosProxy(server.proxyPort, server.name, server.port, links, this::ownerOfPort));
  }

  private String ownerOfPort(int port) {
    for (Server store : List.copyOf(stores)) {
      if (SocketOwners.owns(store.process.pid(), port)) {
        return store.name;
      }
    }
    return "client";
  }

  private RutileProcess launchPd(Server server) {
    List<String> founders = new ArrayList<>();
    for (Server member : pds) {
      founders.add(member.name + "=http://127.0.0.1:" + member.statusPort);
    }
    return RutileProcess.start(
        directory.resolve(server.name + ".out"),
        List.of(
            "pd-server",
            "--name",
            server.name,
            "--data-dir",
            directory.resolve(server.name).toString(),
            "--client-urls",
            "http://127.0.0.1:" + server.port,
            "--advertise-client-urls",
            "http://127.0.0.1:" + server.proxyPort,
            "--peer-urls",
            "http://127.0.0.1:" + server.statusPort,
            "--initial-cluster",
            String.join(",", founders),
            "--log-file",
            directory.resolve(server.name + ".log").toString()),
        ENVIRONMENT);
  }

  private RutileProcess launchStore(Server server) {
    return RutileProcess.start(
        directory.resolve(server.name + ".out"),
        List.of(
            "tikv-server",
            "--config",
            directory.resolve("tikv.toml").toString(),
            "--pd",
            String.join(",", pdEndpoints()),
            "--addr",
            "127.0.0.1:" + server.port,
            "--advertise-addr",
            "127.0.0.1:" + server.proxyPort,
            "--status-addr",
            "127.0.0.1:" + server.statusPort,
            "--data-dir",
            directory.resolve(server.name).toString(),
            "--log-file",
            directory.resolve(server.name + ".log").toString()),
        ENVIRONMENT);
  }

  // What a test does to it.

  public void kill(int store) {
    stores.get(store).process.kill();
  }

  /** Ends a store in good order (SIGTERM). */
  public void stop(int store) {
    stores.get(store).process.stop();
  }

  /** Starts a store that ended, on the same data and ports; does not wait. */
  public void restart(int store) {
    Server server = stores.get(store);
    server.process = launchStore(server);
  }

  public void pause(int store) {
    stores.get(store).process.pause();
  }

  public void resume(int store) {
    stores.get(store).process.resume();
  }

  public void killPd() {
    killPd(0);
  }

  public void restartPd() {
    restartPd(0);
  }

  public void killPd(int member) {
    pds.get(member).process.kill();
  }

  public void restartPd(int member) {
    Server server = pds.get(member);
    server.process = launchPd(server);
  }

  public void link(int from, int to, Links.State state) {
    links.set(stores.get(from).name, stores.get(to).name, state);
  }

  public void delay(int from, int to, long millis) {
    links.delay(stores.get(from).name, stores.get(to).name, millis);
  }

  /** The link from a store to PD's first member. */
  public void linkToPd(int from, Links.State state) {
    links.set(stores.get(from).name, PD, state);
  }

  public void healLinks() {
    links.heal();
  }

  /** Tells PD that the store leaves for good, or comes back when it has not left yet. */
  public void deleteStore(long storeId) {
    try {
      HttpResponse<String> answer =
          http.fetch("DELETE", pdEndpoint(), "/pd/api/v1/store/" + storeId);
      if (answer.statusCode() != 200) {
        throw new IllegalStateException("PD does not let go of the store: " + answer.body());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // What a test sees of it.

  public int size() {
    return stores.size();
  }

  public boolean alive(int store) {
    return stores.get(store).process.alive();
  }

  /** Of the first member. */
  public String pdEndpoint() {
    return pdEndpoints().getFirst();
  }

  public List<String> pdEndpoints() {
    return pds.stream().map(member -> "127.0.0.1:" + member.proxyPort).toList();
  }

  /** The index of the PD member that leads, as another tells that lives. */
  public int pdLeader() {
    int[] found = {-1};
    await(
        "PD has a leader",
        () -> {
          for (Server member : pds) {
            Matcher name = NAME.matcher(page(member, "/pd/api/v1/leader"));
            if (name.find()) {
              found[0] = pds.stream().map(each -> each.name).toList().indexOf(name.group(1));
              return pds.get(found[0]).process.alive();
            }
          }
          return false;
        });
    return found[0];
  }

  private String page(Server member, String path) {
    try {
      return http.fetch("GET", "127.0.0.1:" + member.port, path).body();
    } catch (IOException e) {
      return "";
    }
  }

  /** The address under which others know a store. */
  public String address(int store) {
    return "127.0.0.1:" + stores.get(store).proxyPort;
  }

  public Path log(int store) {
    return directory.resolve(stores.get(store).name + ".log");
  }

  /** A store's own page about a region, on one line; why there is none otherwise. */
  public String regionPage(int store, long regionId) {
    try {
      return http.fetch("GET", "127.0.0.1:" + stores.get(store).statusPort, "/region/" + regionId)
          .body()
          .replaceAll("\\s+", " ");
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** Of a store, as PD writes it: Up, Offline, Tombstone, Disconnected, Down. */
  public String stateInPd(long storeId) {
    String page = http.get(pdEndpoint(), "/pd/api/v1/store/" + storeId);
    Matcher state = Pattern.compile("\"state_name\"\\s*:\\s*\"(\\w+)\"").matcher(page);
    if (!state.find()) {
      throw new IllegalStateException("PD's page of store " + storeId + " has no state: " + page);
    }
    return state.group(1);
  }

  /** Waits until PD and all stores that run serve. */
  public void awaitServing() {
    await(
        "PD serves", () -> pdEndpoints().stream().anyMatch(pd -> answers(pd, "/pd/api/v1/leader")));
    for (int i = 0; i < stores.size(); i++) {
      if (alive(i)) {
        awaitServing(i);
      }
    }
  }

  private void awaitServing(int index) {
    Server store = stores.get(index);
    await(
        store.name + " serves",
        () -> {
          if (!store.process.alive()) {
            throw new IllegalStateException(store.name + " ended:\n" + store.process.output());
          }
          return answers("127.0.0.1:" + store.statusPort, "/ready");
        });
  }

  private boolean answers(String endpoint, String path) {
    try {
      return http.fetch("GET", endpoint, path).statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  /** Waits until a condition holds. */
  public void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + START_MAX.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new IllegalStateException("in vain: " + what + "; logs in " + directory);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
    }
  }

  @Override
  public void close() {
    for (Server store : stores) {
      store.process.close();
    }
    pds.forEach(member -> member.process.close());
    proxies.forEach(ChaosProxy::close);
    http.close();
  }
}
