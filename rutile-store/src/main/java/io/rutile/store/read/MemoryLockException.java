package io.rutile.store.read;

import io.rutile.base.error.ErrorCategory;
import io.rutile.base.error.RutileException;
import io.rutile.proto.kvrpcpb.LockInfo;

/**
 * A replica read met a lock that the leader holds in memory; it is answered with the lock, as if it
 * had met it in the data. Carries no stack trace: it is an ordinary outcome.
 */
public final class MemoryLockException extends RutileException {
  private final transient LockInfo lock;

  public MemoryLockException(LockInfo lock) {
    super("KV:Storage:KeyIsLocked", ErrorCategory.RETRY_LATER, "key is locked in memory");
    this.lock = lock;
  }

  public LockInfo lock() {
    return lock;
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
