package io.rutile.rpc.tls;

import io.rutile.base.error.ErrorCategory;
import io.rutile.base.error.ErrorCodes;
import io.rutile.base.error.RutileException;

/** Certificate files that cannot be used. The message names them. */
public final class TlsException extends RutileException {
  public TlsException(String message, Throwable cause) {
    super(ErrorCodes.SERVER_TLS, ErrorCategory.CALLER, message, cause);
  }
}
