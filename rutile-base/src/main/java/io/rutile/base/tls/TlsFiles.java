package io.rutile.base.tls;

import java.nio.file.Path;
import java.util.Set;

/**
 * PEM files of one identity. TLS is mutual: the same three files serve for listening and for
 * connecting. The files are read again when they change, for connections made from then on.
 *
 * @param ca certificates that are trusted
 * @param cert this process's certificate chain
 * @param key its private key, PKCS#8
 * @param allowedNames common names or subject alternative names that a peer must have one of; empty
 *     admits every peer whose certificate is trusted
 */
public record TlsFiles(Path ca, Path cert, Path key, Set<String> allowedNames) {
  public TlsFiles {
    allowedNames = Set.copyOf(allowedNames);
  }
}
