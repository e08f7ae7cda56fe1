package io.rutile.rpc.tls;

import io.grpc.util.AdvancedTlsX509KeyManager;
import io.grpc.util.AdvancedTlsX509TrustManager;
import io.rutile.base.tls.TlsFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.GeneralSecurityException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads an identity's files into its managers, again whenever one of them has changed. The managers
 * could watch the files by themselves, but not more often than once a minute. Owned by the thread
 * that reloads.
 */
final class TlsReload implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(TlsReload.class);

  private final TlsFiles files;
  private final AdvancedTlsX509KeyManager key;
  private final AdvancedTlsX509TrustManager trust;
  private List<Object> loaded = List.of();
  private String complaint = "";

  TlsReload(TlsFiles files, AdvancedTlsX509KeyManager key, AdvancedTlsX509TrustManager trust) {
    this.files = files;
    this.key = key;
    this.trust = trust;
  }

  /** Reads all files. */
  void load() throws IOException, GeneralSecurityException {
    List<Object> versions = versions();
    key.updateIdentityCredentials(files.cert().toFile(), files.key().toFile());
    trust.updateTrustCredentials(files.ca().toFile());
    loaded = versions;
  }

  /** Reads the files when they have changed; the old ones stay in use while they cannot be read. */
  @Override
  public void run() {
    try {
      if (!versions().equals(loaded)) {
        load();
        complaint = "";
        LOG.info("certificates were read again: {}, {}", files.cert(), files.ca());
      }
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      if (!String.valueOf(e.getMessage()).equals(complaint)) {
        complaint = String.valueOf(e.getMessage());
        LOG.warn("cannot read the certificates {} again, the old ones stay", files.cert(), e);
      }
    }
  }

  /** What changes when somebody writes or replaces a file. */
  private List<Object> versions() throws IOException {
    return List.of(version(files.cert()), version(files.key()), version(files.ca()));
  }

  private static List<Object> version(Path file) throws IOException {
    BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
    Object inode = attributes.fileKey();
    return List.of(attributes.lastModifiedTime(), attributes.size(), inode == null ? file : inode);
  }
}
