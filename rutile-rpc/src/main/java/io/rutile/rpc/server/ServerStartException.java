package io.rutile.rpc.server;

import io.rutile.base.error.ErrorCategory;
import io.rutile.base.error.ErrorCodes;
import io.rutile.base.error.RutileException;
import java.io.IOException;

/** A server could not start to listen. The message is one line that names the address. */
public final class ServerStartException extends RutileException {
  private ServerStartException(String code, String message, Throwable cause) {
    super(code, ErrorCategory.CALLER, message, cause);
  }

  /** What an I/O failure of binding means. */
  public static ServerStartException cannotListen(String host, int port, IOException failure) {
    String address = host + ":" + port;
    String text = rootText(failure);
    if (text.contains("Address already in use")) {
      return new ServerStartException(
          ErrorCodes.SERVER_ADDRESS_IN_USE,
          "cannot listen on " + address + ": the port is in use by another process",
          failure);
    }
    return new ServerStartException(
        ErrorCodes.SERVER_IO, "cannot listen on " + address + ": " + text, failure);
  }

  private static String rootText(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage());
  }
}
