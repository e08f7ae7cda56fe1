package io.rutile.verify.server;

import io.rutile.base.tls.TlsFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;

/**
 * A certificate authority for tests, made with the JDK's {@code keytool}. Certificates are valid
 * for 127.0.0.1 and localhost.
 */
final class Certificates {
  private static final String PASSWORD = "rutile-test";

  private final Path directory;
  private final Path store;

  private Certificates(Path directory) {
    this.directory = directory;
    this.store = directory.resolve("keys.p12");
  }

  static Certificates create(Path directory) throws Exception {
    Certificates created = new Certificates(Files.createDirectories(directory));
    created.keytool("-alias", "ca", "-dname", "CN=rutile-test-ca", "-ext", "bc:c=ca:true");
    created.write("ca.pem", created.pem("CERTIFICATE", created.certificate("ca").getEncoded()));
    return created;
  }

  /** Files of an identity with that common name. */
  TlsFiles issue(String commonName, String... allowedNames) throws Exception {
    issueInto(commonName, commonName);
    return new TlsFiles(
        directory.resolve("ca.pem"),
        directory.resolve(commonName + ".pem"),
        directory.resolve(commonName + ".key"),
        Set.of(allowedNames));
  }

  /** Puts a new certificate and key with that common name where those of another one are. */
  void issueInto(String file, String commonName) throws Exception {
    String alias = commonName + "-" + Files.exists(directory.resolve(commonName + ".pem"));
    keytool(
        "-alias",
        alias,
        "-dname",
        "CN=" + commonName,
        "-signer",
        "ca",
        "-signerkeypass",
        PASSWORD,
        "-ext",
        "san=ip:127.0.0.1,dns:localhost");
    KeyStore keys = load();
    Key key = keys.getKey(alias, PASSWORD.toCharArray());
    write(file + ".key", pem("PRIVATE KEY", key.getEncoded()));
    write(file + ".pem", pem("CERTIFICATE", certificate(alias).getEncoded()));
  }

  private Certificate certificate(String alias) throws GeneralSecurityException, IOException {
    return load().getCertificate(alias);
  }

  private KeyStore load() throws GeneralSecurityException, IOException {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD.toCharArray());
    }
    return keys;
  }

  private String pem(String type, byte[] der) {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return "-----BEGIN " + type + "-----\n" + text + "\n-----END " + type + "-----\n";
  }

  /** At once, as certificate tools do: who reads meanwhile sees the old file or the new one. */
  private void write(String name, String text) throws IOException {
    Path fresh = Files.writeString(directory.resolve(name + ".new"), text);
    Files.move(fresh, directory.resolve(name), StandardCopyOption.REPLACE_EXISTING);
  }

  private void keytool(String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of("-genkeypair", "-keyalg", "EC", "-groupname", "secp256r1"));
    command.addAll(List.of("-validity", "2", "-storetype", "PKCS12"));
    command.addAll(List.of("-keystore", store.toString(), "-storepass", PASSWORD));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    process.getInputStream().transferTo(output);
    if (process.waitFor() != 0) {
      throw new IllegalStateException(command + ": " + output.toString(StandardCharsets.UTF_8));
    }
  }
}
