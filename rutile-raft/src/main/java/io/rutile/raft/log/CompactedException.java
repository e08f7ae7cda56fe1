package io.rutile.raft.log;

import io.rutile.base.error.ErrorCategory;
import io.rutile.base.error.RutileException;

/**
 * From {@link RaftStorage}: entries below the first index were asked for; they have been compacted
 * away. Carries no stack trace, as it steers ordinary replication.
 */
public final class CompactedException extends RutileException {
  public CompactedException(String message) {
    super("KV:Raft:Store", ErrorCategory.RETRY_ELSEWHERE, message);
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
