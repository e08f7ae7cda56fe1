package io.rutile.raft.log;

import io.rutile.base.error.ErrorCategory;
import io.rutile.base.error.RutileException;

/**
 * From {@link RaftStorage}: entries beyond the last index were asked for. Carries no stack trace,
 * as it steers ordinary replication.
 */
public final class UnavailableException extends RutileException {
  public UnavailableException(String message) {
    super("KV:Raft:Store", ErrorCategory.RETRY_LATER, message);
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
