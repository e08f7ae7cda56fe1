package io.rutile.server.node;

/**
 * An address to listen on.
 *
 * @param host without the brackets of IPv6
 * @param port 0 picks a free one
 * @param advertised {@code host:port} that others are told; empty for the address listened on
 */
record Endpoint(String host, int port, String advertised) {
  /**
   * @param address {@code host:port}, as the configuration has checked it
   */
  static Endpoint of(String address, String advertised) {
    int colon = address.lastIndexOf(':');
    String host = address.substring(0, colon);
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    return new Endpoint(
        bracketed ? host.substring(1, host.length() - 1) : host,
        Integer.parseInt(address.substring(colon + 1)),
        advertised);
  }

  String advertisedAt(int actualPort) {
    if (!advertised.isEmpty()) {
      return advertised;
    }
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + actualPort;
  }
}
