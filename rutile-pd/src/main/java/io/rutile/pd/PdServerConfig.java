package io.rutile.pd;

import io.rutile.base.tls.TlsFiles;
import io.rutile.pd.config.PdConfig;
import io.rutile.pd.config.PdFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * How to start one PD member. URLs are PD's: {@code http://host:port}. A listening port of 0 picks
 * a free one, and the advertised URL then carries the port that was picked.
 *
 * @param name name of the member, unique in the cluster
 * @param dataDir directory that this process alone uses
 * @param clientUrl where gRPC, HTTP and the etcd facade listen
 * @param advertiseClientUrl what clients are told; empty for {@code clientUrl}
 * @param peerUrl where the other members' Raft messages arrive; unused by a lone member
 * @param advertisePeerUrl what the other members are told; empty for {@code peerUrl}
 * @param initialCluster founding members as {@code name=peerUrl}; empty for this one alone
 * @param join client URLs of an existing cluster to join; empty to found or to restart
 * @param tls certificates for clients and members, empty for plain text
 * @param config the settings that PD keeps, some changeable while running
 */
public record PdServerConfig(
    String name,
    Path dataDir,
    String clientUrl,
    String advertiseClientUrl,
    String peerUrl,
    String advertisePeerUrl,
    List<String> initialCluster,
    List<String> join,
    Optional<TlsFiles> tls,
    PdConfig config) {

  public PdServerConfig {
    initialCluster = List.copyOf(initialCluster);
    join = List.copyOf(join);
  }

  /** A lone member on {@code host}; port 0 picks a free one. */
  public static PdServerConfig single(String name, Path dataDir, String host, int clientPort) {
    String client = "http://" + host + ":" + clientPort;
    return new PdServerConfig(
        name,
        dataDir,
        client,
        "",
        "http://" + host + ":0",
        "",
        List.of(),
        List.of(),
        Optional.empty(),
        PdConfig.DEFAULT);
  }

  /** One of several founding members. */
  public static PdServerConfig founder(
      String name, Path dataDir, String clientUrl, String peerUrl, List<String> initialCluster) {
    return new PdServerConfig(
        name,
        dataDir,
        clientUrl,
        "",
        peerUrl,
        "",
        initialCluster,
        List.of(),
        Optional.empty(),
        PdConfig.DEFAULT);
  }

  /** As a complete configuration file says. */
  public static PdServerConfig of(PdFile file) {
    return new PdServerConfig(
        Objects.requireNonNull(file.name()),
        Path.of(Objects.requireNonNull(file.dataDir())),
        file.clientUrls(),
        file.advertiseClientUrls(),
        file.peerUrls(),
        file.advertisePeerUrls(),
        parts(file.initialCluster()),
        parts(file.join()),
        file.security().tls(),
        file.pdConfig());
  }

  private static List<String> parts(String list) {
    return list.isEmpty() ? List.of() : List.of(list.split(","));
  }

  public PdServerConfig withConfig(PdConfig changed) {
    return new PdServerConfig(
        name,
        dataDir,
        clientUrl,
        advertiseClientUrl,
        peerUrl,
        advertisePeerUrl,
        initialCluster,
        join,
        tls,
        changed);
  }
}
