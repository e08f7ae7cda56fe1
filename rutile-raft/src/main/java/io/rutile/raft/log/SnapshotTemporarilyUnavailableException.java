package io.rutile.raft.log;

import io.rutile.base.error.ErrorCategory;
import io.rutile.base.error.RutileException;

/**
 * From {@link RaftStorage}: a snapshot is being made and will be there later. Carries no stack
 * trace, as it steers ordinary replication.
 */
public final class SnapshotTemporarilyUnavailableException extends RutileException {
  public SnapshotTemporarilyUnavailableException(String message) {
    super("KV:Raft:Store", ErrorCategory.RETRY_LATER, message);
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
