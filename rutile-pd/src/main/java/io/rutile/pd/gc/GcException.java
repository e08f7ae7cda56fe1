package io.rutile.pd.gc;

import io.rutile.base.error.ErrorCategory;
import io.rutile.base.error.RutileException;

/** A safe point or barrier that cannot be set. Nothing changed. */
public final class GcException extends RutileException {
  GcException(String code, String message) {
    super("PD:gc:" + code, ErrorCategory.CALLER, message);
  }
}
