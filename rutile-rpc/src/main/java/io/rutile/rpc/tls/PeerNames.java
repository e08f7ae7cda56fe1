package io.rutile.rpc.tls;

import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/** Checks that a peer's certificate names somebody who is admitted. Stateless. */
public final class PeerNames {
  private PeerNames() {}

  /** Whether the peer of {@code session} has one of the names; an empty set admits everybody. */
  public static boolean admitted(SSLSession session, Set<String> allowedNames) {
    if (allowedNames.isEmpty()) {
      return true;
    }
    try {
      Certificate[] chain = session.getPeerCertificates();
      return chain.length > 0
          && chain[0] instanceof X509Certificate certificate
          && (allowedNames.contains(commonName(certificate))
              || hasAlternativeName(certificate, allowedNames));
    } catch (SSLPeerUnverifiedException | InvalidNameException | CertificateParsingException e) {
      return false;
    }
  }

  private static String commonName(X509Certificate certificate) throws InvalidNameException {
    for (Rdn part : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
      if (part.getType().equalsIgnoreCase("CN")) {
        return part.getValue().toString();
      }
    }
    return "";
  }

  private static boolean hasAlternativeName(X509Certificate certificate, Set<String> allowed)
      throws CertificateParsingException {
    Collection<List<?>> names = certificate.getSubjectAlternativeNames();
    return names != null
        && names.stream().anyMatch(name -> name.get(1) instanceof String s && allowed.contains(s));
  }
}
