package io.rutile.profiler;

import io.rutile.base.error.ErrorCategory;
import io.rutile.base.error.RutileException;

/** A profile could not be taken: another one is running, or this platform has no profiler. */
public final class ProfilerException extends RutileException {
  private ProfilerException(ErrorCategory category, String message) {
    super("KV:Server:Profiler", category, message);
  }

  private ProfilerException(ErrorCategory category, String message, Throwable cause) {
    super("KV:Server:Profiler", category, message, cause);
  }

  static ProfilerException alreadyRunning() {
    return new ProfilerException(
        ErrorCategory.RETRY_LATER, "a profile is being taken already, only one can run at a time");
  }

  static ProfilerException outOfBounds(int samplesPerSecond) {
    return new ProfilerException(
        ErrorCategory.CALLER,
        "sampling frequency "
            + samplesPerSecond
            + " is not within 1.."
            + ProfilerGuard.MAX_FREQUENCY
            + " Hz");
  }

  static ProfilerException failed(String what, Throwable cause) {
    return new ProfilerException(ErrorCategory.CALLER, what + ": " + cause.getMessage(), cause);
  }
}
