package io.rutile.txn.gate;

import io.rutile.base.error.ErrorCategory;
import io.rutile.base.error.RutileException;

/**
 * A region would not serve a request; {@link #error()} is the answer as it goes on the wire.
 * Carries no stack trace: these are ordinary outcomes, and there can be many a second.
 */
public final class RegionErrorException extends RutileException {
  private final io.rutile.proto.errorpb.Error error;

  public RegionErrorException(
      String code, ErrorCategory category, io.rutile.proto.errorpb.Error error) {
    super(code, category, error.getMessage());
    this.error = error;
  }

  public io.rutile.proto.errorpb.Error error() {
    return error;
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
