package io.rutile.store;

import io.rutile.base.error.ErrorCategory;
import io.rutile.base.error.RutileException;

/** The store may not start on this data in this cluster; the message says why. */
public final class StoreRefusedException extends RutileException {
  public StoreRefusedException(String message) {
    super("KV:Raftstore:StoreRefused", ErrorCategory.CALLER, message);
  }
}
