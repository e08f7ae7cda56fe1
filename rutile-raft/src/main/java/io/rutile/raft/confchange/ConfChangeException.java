package io.rutile.raft.confchange;

import io.rutile.base.error.ErrorCategory;
import io.rutile.base.error.RutileException;

/** A change that does not fit the configuration; nothing was changed. */
public final class ConfChangeException extends RutileException {
  public ConfChangeException(String message) {
    super("KV:Raft:ConfChangeError", ErrorCategory.CALLER, message);
  }
}
