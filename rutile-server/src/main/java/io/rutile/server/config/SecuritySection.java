package io.rutile.server.config;

import io.rutile.base.config.Describe;
import io.rutile.base.config.OneOf;
import io.rutile.base.config.Online;
import io.rutile.base.tls.TlsFiles;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Section {@code [security]}. TLS is on when the three files are set. */
public record SecuritySection(
    @Describe("Certificates that are trusted, in PEM.") String caPath,
    @Describe("This store's certificate chain, in PEM.") String certPath,
    @Describe("Its private key, in PEM.") String keyPath,
    @Describe("Common names of which a peer's certificate must have one; any when empty.")
        List<String> certAllowedCn,
    @Describe("Alternative names of which a peer's certificate must have one; any when empty.")
        List<String> certAllowedSan,
    @Describe("Whether keys and values are left out of the log, or marked in it.")
        @OneOf({"false", "true", "marker"})
        @Online
        String redactInfoLog,
    Encryption encryption) {

  /** Section {@code [security.encryption]}: refused unless it asks for nothing. */
  public record Encryption(
      @Describe("How data files are encrypted: there is no encryption at rest.") @OneOf("plaintext")
          String dataEncryptionMethod) {}

  public SecuritySection {
    long set = List.of(caPath, certPath, keyPath).stream().filter(path -> !path.isEmpty()).count();
    if (set != 0 && set != 3) {
      throw new IllegalArgumentException(
          "ca-path, cert-path and key-path are set together or not at all");
    }
  }

  static SecuritySection defaults() {
    return new SecuritySection(
        "", "", "", List.of(), List.of(), "false", new Encryption("plaintext"));
  }

  /** The files, when TLS is on. */
  public Optional<TlsFiles> tls() {
    if (caPath.isEmpty()) {
      return Optional.empty();
    }
    Set<String> names = new LinkedHashSet<>(certAllowedCn);
    names.addAll(certAllowedSan);
    return Optional.of(new TlsFiles(Path.of(caPath), Path.of(certPath), Path.of(keyPath), names));
  }
}
