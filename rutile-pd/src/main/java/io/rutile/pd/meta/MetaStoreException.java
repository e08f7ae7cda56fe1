package io.rutile.pd.meta;

import io.rutile.base.error.ErrorCategory;
import io.rutile.base.error.RutileException;

/** Why PD's store did not do what was asked. */
public final class MetaStoreException extends RutileException {
  /** The ways to fail. */
  public enum Kind {
    /** Another member leads, or none: nothing was written. */
    NOT_LEADER("PD:etcd:ErrEtcdNotLeader", ErrorCategory.RETRY_ELSEWHERE),
    /** The outcome is not known: the write may or may not take effect. */
    UNKNOWN_OUTCOME("PD:etcd:ErrEtcdTimeout", ErrorCategory.RETRY_LATER),
    COMPACTED("PD:etcd:ErrEtcdCompacted", ErrorCategory.CALLER),
    FUTURE_REVISION("PD:etcd:ErrEtcdFutureRev", ErrorCategory.CALLER),
    LEASE_NOT_FOUND("PD:etcd:ErrEtcdLeaseNotFound", ErrorCategory.CALLER),
    LEASE_EXISTS("PD:etcd:ErrEtcdLeaseExists", ErrorCategory.CALLER),
    INVALID("PD:etcd:ErrEtcdInvalid", ErrorCategory.CALLER),
    KEY_NOT_FOUND("PD:etcd:ErrEtcdKeyNotFound", ErrorCategory.CALLER),
    MEMBER("PD:member:ErrEtcdMember", ErrorCategory.CALLER),
    CLOSED("PD:server:ErrServerNotStarted", ErrorCategory.RETRY_ELSEWHERE);

    private final String code;
    private final ErrorCategory category;

    Kind(String code, ErrorCategory category) {
      this.code = code;
      this.category = category;
    }
  }

  private final Kind kind;

  public MetaStoreException(Kind kind, String message) {
    super(kind.code, kind.category, message);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
