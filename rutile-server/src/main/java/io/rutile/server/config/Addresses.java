package io.rutile.server.config;

/** Syntax of {@code host:port}. */
final class Addresses {
  private Addresses() {}

  static void check(String item, String address) {
    int colon = address.lastIndexOf(':');
    if (colon > 0 && !address.contains("/")) {
      try {
        int port = Integer.parseInt(address.substring(colon + 1));
        if (port >= 0 && port <= 65_535) {
          return;
        }
      } catch (NumberFormatException e) {
        // Refused below, as every other address that is none.
      }
    }
    throw new IllegalArgumentException(
        item + " = \"" + address + "\": expected host:port, for example \"127.0.0.1:20160\"");
  }
}
