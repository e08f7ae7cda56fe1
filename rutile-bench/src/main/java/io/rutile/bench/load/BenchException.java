package io.rutile.bench.load;

import io.rutile.base.error.ErrorCategory;
import io.rutile.base.error.RutileException;

/** The bench cannot go on; the message says why. */
public final class BenchException extends RutileException {
  private static final String CODE = "KV:Bench:Failed";

  BenchException(ErrorCategory category, String message) {
    super(CODE, category, message);
  }

  BenchException(ErrorCategory category, String message, Throwable cause) {
    super(CODE, category, message, cause);
  }
}
