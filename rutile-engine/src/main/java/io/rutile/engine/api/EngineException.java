package io.rutile.engine.api;

import io.rutile.base.error.ErrorCategory;
import io.rutile.base.error.ErrorCodes;
import io.rutile.base.error.RutileException;

/** The engine could not do what it was asked: I/O error, no space, corruption. */
public final class EngineException extends RutileException {
  /** Why it failed, as far as callers act on it. */
  public enum Kind {
    IO,
    NO_SPACE,
    CORRUPTION,
    /** Another process holds the directory. */
    LOCKED,
    CLOSED,
    INVALID_ARGUMENT
  }

  private final Kind kind;

  public EngineException(Kind kind, String message, Throwable cause) {
    super(ErrorCodes.ENGINE_ENGINE, categoryOf(kind), message, cause);
    this.kind = kind;
  }

  public EngineException(Kind kind, String message) {
    super(ErrorCodes.ENGINE_ENGINE, categoryOf(kind), message);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }

  private static ErrorCategory categoryOf(Kind kind) {
    return switch (kind) {
      case IO, NO_SPACE, LOCKED, CLOSED -> ErrorCategory.RETRY_LATER;
      case CORRUPTION -> ErrorCategory.CORRUPTION;
      case INVALID_ARGUMENT -> ErrorCategory.BUG;
    };
  }
}
