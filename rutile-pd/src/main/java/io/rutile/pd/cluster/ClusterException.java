package io.rutile.pd.cluster;

import io.rutile.base.error.ErrorCategory;
import io.rutile.base.error.RutileException;
import io.rutile.proto.pdpb.ErrorType;

/** A request that PD refuses with an error in the response header. The text is PD's own. */
public final class ClusterException extends RutileException {
  private final ErrorType type;

  public ClusterException(ErrorType type, String message) {
    super("PD:" + type.name(), category(type), message);
    this.type = type;
  }

  private static ErrorCategory category(ErrorType type) {
    return switch (type) {
      case NOT_BOOTSTRAPPED, REGION_NOT_FOUND, REGIONS_NOT_CONTAIN_ALL_KEY_RANGE ->
          ErrorCategory.RETRY_LATER;
      case OK,
          UNKNOWN,
          STORE_TOMBSTONE,
          ALREADY_BOOTSTRAPPED,
          INCOMPATIBLE_VERSION,
          GLOBAL_CONFIG_NOT_FOUND,
          DUPLICATED_ENTRY,
          ENTRY_NOT_FOUND,
          INVALID_VALUE,
          DATA_COMPACTED,
          UNRECOGNIZED ->
          ErrorCategory.CALLER;
    };
  }

  public ErrorType type() {
    return type;
  }

  public static ClusterException unknown(String message) {
    return new ClusterException(ErrorType.UNKNOWN, message);
  }

  public static ClusterException notBootstrapped() {
    return new ClusterException(ErrorType.NOT_BOOTSTRAPPED, "cluster is not bootstrapped");
  }
}
