package io.rutile.pd.tso;

import io.rutile.base.error.ErrorCategory;
import io.rutile.base.error.RutileException;

/** No timestamp can be given now, or a request for some makes no sense. */
public final class TsoException extends RutileException {
  TsoException(ErrorCategory category, String message) {
    super("PD:tso:ErrGenerateTimestamp", category, message);
  }
}
