package io.rutile.base.error;

/**
 * Root of every exception that Rutile throws on purpose. The code is the one that TiKV's operators
 * know, for example {@code KV:Raftstore:NotLeader}; the message is meant for a person.
 */
public abstract class RutileException extends RuntimeException {
  private final String code;
  private final ErrorCategory category;

  protected RutileException(String code, ErrorCategory category, String message) {
    super(message);
    this.code = code;
    this.category = category;
  }

  protected RutileException(String code, ErrorCategory category, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
    this.category = category;
  }

  public final String code() {
    return code;
  }

  public final ErrorCategory category() {
    return category;
  }
}
