package io.rutile.txn.error;

import io.rutile.base.error.RutileException;

/**
 * Carries a {@link TxnError} to whoever answers the request. Has no stack trace: these are ordinary
 * outcomes, and under contention there are many a second.
 */
public final class TxnException extends RutileException {
  private final TxnError error;

  public TxnException(TxnError error) {
    super(error.code(), error.category(), error.text());
    this.error = error;
  }

  public TxnError error() {
    return error;
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
