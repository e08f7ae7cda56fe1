package io.rutile.server.node;

import io.rutile.base.error.CorruptionException;
import io.rutile.base.error.ErrorCategory;
import io.rutile.base.error.ErrorCodes;
import io.rutile.base.error.RutileException;
import java.io.IOException;

/** A store could not start with its directory. The message is for the operator and names it. */
public final class StoreStartException extends RutileException {
  private StoreStartException(
      String code, ErrorCategory category, String message, Exception cause) {
    super(code, category, message, cause);
  }

  static StoreStartException unusable(String directory, IOException cause) {
    return new StoreStartException(
        ErrorCodes.SERVER_IO,
        ErrorCategory.CALLER,
        "storage.data-dir = \"" + directory + "\" cannot be used: " + cause,
        cause);
  }

  static StoreStartException damaged(String directory, CorruptionException cause) {
    return new StoreStartException(
        cause.code(),
        ErrorCategory.CORRUPTION,
        "the data in " + directory + " is damaged: " + cause.getMessage(),
        cause);
  }
}
