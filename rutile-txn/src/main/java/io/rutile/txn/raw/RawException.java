package io.rutile.txn.raw;

import io.rutile.base.error.ErrorCategory;
import io.rutile.base.error.RutileException;
import io.rutile.txn.keymode.ModeViolation;
import org.jspecify.annotations.Nullable;

/**
 * A raw request was refused; the message is the text that the client gets. Without a stack trace:
 * the request is to blame.
 */
public final class RawException extends RutileException {
  private RawException(String name, String text) {
    super("KV:Storage:" + name, ErrorCategory.CALLER, text);
  }

  static void check(@Nullable ModeViolation violation) {
    if (violation != null) {
      throw new RawException(violation.code().substring("KV:Storage:".length()), violation.text());
    }
  }

  static RawException keyTooLarge(int size, int limit) {
    return new RawException(
        "KeyTooLarge", "max key size exceeded, size: " + size + ", limit: " + limit);
  }

  static RawException invalidCf(String name) {
    return new RawException("InvalidCF", "invalid cf name: " + name);
  }

  static RawException cfDeprecated(String name) {
    return new RawException("CFDeprecated", "cf is deprecated in API V2, cf name: " + name);
  }

  static RawException ttlNotEnabled() {
    return new RawException("TtlNotEnabled", "ttl is not enabled, but get put request with ttl");
  }

  static RawException getTtlNotEnabled() {
    return new RawException("TtlNotEnabled", "get ttl on non-ttl store");
  }

  static RawException ttlCountMismatch() {
    return new RawException(
        "TtlLenNotEqualsToPairs", "The length of ttls does not equal to the length of pairs");
  }

  static RawException invalidRanges() {
    return new RawException("InvalidReqRange", "Invalid KeyRanges");
  }

  static RawException unboundedDelete() {
    return new RawException("InvalidReqRange", "delete range needs an end key");
  }

  static RawException unknownChecksum(int algorithm) {
    return new RawException("Unknown", "unknown checksum algorithm " + algorithm);
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
