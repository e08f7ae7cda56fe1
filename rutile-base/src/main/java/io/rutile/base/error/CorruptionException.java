package io.rutile.base.error;

/**
 * Stored or received bytes that cannot be what their writer wrote. The message names the file or
 * key.
 */
public final class CorruptionException extends RutileException {
  public CorruptionException(String code, String message) {
    super(code, ErrorCategory.CORRUPTION, message);
  }

  public CorruptionException(String code, String message, Throwable cause) {
    super(code, ErrorCategory.CORRUPTION, message, cause);
  }
}
