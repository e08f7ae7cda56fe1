package io.rutile.rpc.http;

import io.rutile.base.error.ErrorCategory;
import io.rutile.base.error.ErrorCodes;
import io.rutile.base.error.RutileException;

/** Ends a handler with an answer of this status and text. */
public final class HttpException extends RutileException {
  private final int status;

  public HttpException(int status, String message) {
    super(
        ErrorCodes.SERVER_IO,
        status < 500 ? ErrorCategory.CALLER : ErrorCategory.RETRY_LATER,
        message);
    this.status = status;
  }

  public int status() {
    return status;
  }
}
