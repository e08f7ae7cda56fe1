package io.rutile.cli.pdctl;

import io.rutile.base.error.ErrorCategory;
import io.rutile.base.error.RutileException;

/** A verb that does not exist, is used wrongly, or that PD refuses; the text says which. */
final class PdCtlException extends RutileException {
  PdCtlException(String message) {
    super("PDCTL:usage", ErrorCategory.CALLER, message);
  }
}
