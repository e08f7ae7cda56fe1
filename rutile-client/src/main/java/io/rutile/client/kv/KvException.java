package io.rutile.client.kv;

import io.rutile.base.error.ErrorCategory;
import io.rutile.base.error.RutileException;

/** A key-value request that did not succeed, after all repetitions that made sense. */
public final class KvException extends RutileException {
  /** How it ended, as far as callers act on it. */
  public enum Kind {
    /** Another transaction was faster: begin a new one. Nothing of this one is visible. */
    CONFLICT(ErrorCategory.RETRY_LATER),
    /** Waiting for the lock would close a cycle of waits. */
    DEADLOCK(ErrorCategory.RETRY_LATER),
    /** A key that must not exist does. */
    ALREADY_EXISTS(ErrorCategory.CALLER),
    /** The store refused for good; the message is the store's. */
    ABORTED(ErrorCategory.CALLER),
    /** No store took the request within the time limit. It had no effect. */
    TIMEOUT(ErrorCategory.RETRY_LATER),
    /** The request may or may not have taken effect. */
    UNDETERMINED(ErrorCategory.RETRY_LATER);

    private final ErrorCategory category;

    Kind(ErrorCategory category) {
      this.category = category;
    }
  }

  private final Kind kind;

  public KvException(Kind kind, String message) {
    super("KV:Client:" + kind, kind.category, message);
    this.kind = kind;
  }

  public KvException(Kind kind, String message, Throwable cause) {
    super("KV:Client:" + kind, kind.category, message, cause);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
