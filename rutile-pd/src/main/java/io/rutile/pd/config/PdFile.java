package io.rutile.pd.config;

import io.rutile.base.config.ConfigMapper;
import io.rutile.base.config.Describe;
import io.rutile.base.config.OneOf;
import io.rutile.base.config.OtherKeys;
import io.rutile.base.config.ReadableDuration;
import io.rutile.base.log.LogConfig;
import io.rutile.base.tls.TlsFiles;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A PD member's configuration file, by PD's keys. Every item here has an effect; keys that PD knows
 * and that have none in Rutile are accepted too, so that an existing file works: they are listed in
 * the resource {@code keys-without-effect.txt}. All others are refused with file, line and what is
 * allowed.
 *
 * <p>The sections schedule, replication and pd-server count when the cluster is founded; what is
 * changed while running is kept by the cluster and has precedence.
 *
 * @param name null for one made of the host's name
 * @param dataDir null for one made of the member's name
 */
public record PdFile(
    @Describe("The member's name, unique in the cluster.") @Nullable String name,
    @Describe("Where data lives; one process at a time.") @Nullable String dataDir,
    @Describe("Where clients connect.") String clientUrls,
    @Describe("What they are told to connect to; client-urls when empty.")
        String advertiseClientUrls,
    @Describe("Where other members connect.") String peerUrls,
    @Describe("What they are told to connect to; peer-urls when empty.") String advertisePeerUrls,
    @Describe("The founding members, name=peer-url,...; this one alone when empty.")
        String initialCluster,
    @Describe("Client URLs of a cluster to join; empty to found one or to restart.") String join,
    @Describe("How far ahead of the clock timestamps are reserved on disk.")
        ReadableDuration tsoSaveInterval,
    @Describe("How often the oracle of timestamps follows the clock.")
        ReadableDuration tsoUpdatePhysicalInterval,
    LogConfig log,
    Security security,
    ScheduleConfig schedule,
    ReplicationConfig replication,
    ServiceConfig pdServer) {
  private static final String WITHOUT_EFFECT = "keys-without-effect.txt";

  /** Section {@code [security]}. TLS is on when the three files are set. */
  public record Security(
      @Describe("Certificates that are trusted, in PEM.") String cacertPath,
      @Describe("This member's certificate chain, in PEM.") String certPath,
      @Describe("Its private key, in PEM.") String keyPath,
      @Describe("Common names of which a peer's certificate must have one; any when empty.")
          List<String> certAllowedCn,
      @Describe("Whether keys are left out of the log, or marked in it.")
          @OneOf({"false", "true", "marker"})
          String redactInfoLog) {

    public Security {
      long set = List.of(cacertPath, certPath, keyPath).stream().filter(p -> !p.isEmpty()).count();
      if (set != 0 && set != 3) {
        throw new IllegalArgumentException(
            "cacert-path, cert-path and key-path are set together or not at all");
      }
    }

    /** The files, when TLS is on. */
    public Optional<TlsFiles> tls() {
      return cacertPath.isEmpty()
          ? Optional.empty()
          : Optional.of(
              new TlsFiles(
                  Path.of(cacertPath),
                  Path.of(certPath),
                  Path.of(keyPath),
                  Set.copyOf(certAllowedCn)));
    }
  }

  public PdFile {
    if (!initialCluster.isEmpty() && !join.isEmpty()) {
      throw new IllegalArgumentException("initial-cluster and join exclude each other");
    }
    try {
      ConfigRules.checked(
          new PdConfig(
              schedule, replication, pdServer, tsoSaveInterval, tsoUpdatePhysicalInterval));
    } catch (ConfigException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private static void checkUrl(String item, String url, String scheme) {
    try {
      URI parsed = URI.create(url);
      if (scheme.equals(parsed.getScheme())
          && parsed.getHost() != null
          && parsed.getPort() >= 0
          && parsed.getPath().length() <= 1) {
        return;
      }
    } catch (IllegalArgumentException e) {
      // Refused below, as every other address that is none.
    }
    throw new io.rutile.base.config.ConfigException(
        item
            + " = \""
            + url
            + "\": expected one URL such as \""
            + scheme
            + "://127.0.0.1:2379\""
            + (scheme.equals("https") ? ", since [security] turns TLS on" : ""));
  }

  /** PD's defaults. */
  public static PdFile defaults() {
    PdConfig config = PdConfig.DEFAULT;
    return new PdFile(
        null,
        null,
        "http://127.0.0.1:2379",
        "",
        "http://127.0.0.1:2380",
        "",
        "",
        "",
        config.tsoSaveInterval(),
        config.tsoUpdatePhysicalInterval(),
        LogConfig.defaults(),
        new Security("", "", "", List.of(), "false"),
        config.schedule(),
        config.replication(),
        config.pdServer());
  }

  /** Reads and describes files of this kind. */
  public static ConfigMapper<PdFile> mapper() {
    InputStream list = Objects.requireNonNull(PdFile.class.getResourceAsStream(WITHOUT_EFFECT));
    return new ConfigMapper<>(PdFile.class, defaults(), OtherKeys.read(list));
  }

  /**
   * A complete configuration.
   *
   * @param file the configuration file, or null for none
   * @param items what the command line sets, by key
   * @param hostName of this machine, for a member without a name
   * @throws io.rutile.base.config.ConfigException with everything that is wrong in either
   */
  public static PdFile load(@Nullable Path file, Map<String, String> items, String hostName) {
    ConfigMapper<PdFile> mapper = mapper();
    PdFile config = mapper.with(file == null ? mapper.defaults() : mapper.read(file), items);
    Map<String, String> derived = new HashMap<>();
    String name = Objects.requireNonNullElse(config.name, "pd-" + hostName);
    derived.put("name", name);
    derived.put("data-dir", Objects.requireNonNullElse(config.dataDir, "default." + name));
    config.checkUrls();
    return mapper.with(config, derived);
  }

  /** The scheme follows from the certificates, which may stand in the file or in flags. */
  private void checkUrls() {
    String scheme = security.tls().isPresent() ? "https" : "http";
    checkUrl("client-urls", clientUrls, scheme);
    checkUrl("peer-urls", peerUrls, scheme);
    if (!advertiseClientUrls.isEmpty()) {
      checkUrl("advertise-client-urls", advertiseClientUrls, scheme);
    }
    if (!advertisePeerUrls.isEmpty()) {
      checkUrl("advertise-peer-urls", advertisePeerUrls, scheme);
    }
  }

  /** What is kept by the cluster. */
  public PdConfig pdConfig() {
    return new PdConfig(
        schedule, replication, pdServer, tsoSaveInterval, tsoUpdatePhysicalInterval);
  }
}
