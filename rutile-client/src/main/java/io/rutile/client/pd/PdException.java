package io.rutile.client.pd;

import io.rutile.base.error.ErrorCategory;
import io.rutile.base.error.ErrorCodes;
import io.rutile.base.error.RutileException;

/** Why the Placement Driver did not do what was asked. */
public final class PdException extends RutileException {
  private final Kind kind;

  public PdException(Kind kind, String message) {
    super(kind.code, kind.category, message);
    this.kind = kind;
  }

  public PdException(Kind kind, String message, Throwable cause) {
    super(kind.code, kind.category, message, cause);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }

  /** What went wrong; the first group are the error types of PD's response header. */
  public enum Kind {
    NOT_BOOTSTRAPPED(ErrorCodes.PD_CLUSTER_NOT_BOOTSTRAPPED, ErrorCategory.RETRY_LATER),
    ALREADY_BOOTSTRAPPED(ErrorCodes.PD_CLUSTER_BOOTSTRAPPED, ErrorCategory.CALLER),
    STORE_TOMBSTONE(ErrorCodes.PD_STORE_TOMBSTONE, ErrorCategory.CALLER),
    INCOMPATIBLE_VERSION(ErrorCodes.PD_INCOMPATIBLE, ErrorCategory.CALLER),
    REGION_NOT_FOUND(ErrorCodes.PD_REGION_NOT_FOUND, ErrorCategory.RETRY_LATER),
    GLOBAL_CONFIG_NOT_FOUND(ErrorCodes.PD_GLOBAL_CONFIG_NOT_FOUND, ErrorCategory.CALLER),
    DUPLICATED_ENTRY(ErrorCodes.PD_UNKNOWN, ErrorCategory.CALLER),
    ENTRY_NOT_FOUND(ErrorCodes.PD_UNKNOWN, ErrorCategory.CALLER),
    INVALID_VALUE(ErrorCodes.PD_UNKNOWN, ErrorCategory.CALLER),
    DATA_COMPACTED(ErrorCodes.PD_DATA_COMPACTED, ErrorCategory.CALLER),
    REGIONS_NOT_CONTAIN_ALL_KEY_RANGE(ErrorCodes.PD_REGION_NOT_FOUND, ErrorCategory.RETRY_LATER),
    /** Any other error of the header or a failure inside PD. */
    UNKNOWN(ErrorCodes.PD_UNKNOWN, ErrorCategory.RETRY_LATER),

    /** The endpoints belong to another cluster than the one this client is bound to. */
    CLUSTER_ID_MISMATCH(ErrorCodes.PD_GRPC, ErrorCategory.CALLER),
    /** No leader answered in time. */
    UNAVAILABLE(ErrorCodes.PD_IO, ErrorCategory.RETRY_LATER),
    /** This PD does not offer the call. */
    UNIMPLEMENTED(ErrorCodes.PD_GRPC, ErrorCategory.CALLER),
    /** A value that the call does not take. */
    INVALID_ARGUMENT(ErrorCodes.PD_GRPC, ErrorCategory.CALLER),
    /** The client was closed. */
    CLOSED(ErrorCodes.PD_IO, ErrorCategory.CALLER);

    private final String code;
    private final ErrorCategory category;

    Kind(String code, ErrorCategory category) {
      this.code = code;
      this.category = category;
    }
  }
}
