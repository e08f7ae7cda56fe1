package io.rutile.raft.core;

import io.rutile.base.error.ErrorCategory;
import io.rutile.base.error.RutileException;

/** A proposal was not appended, for certain. Carries no stack trace: it is an ordinary outcome. */
public final class ProposalDroppedException extends RutileException {
  /** Why the proposal was refused. */
  public enum Reason {
    /** This peer is not the leader. */
    NOT_LEADER,
    /** Leadership is being handed over. */
    TRANSFERRING_LEADER,
    /** Entries that wait for commitment have reached {@code maxUncommittedSize}. */
    TOO_MUCH_UNCOMMITTED,
    /** A configuration change is in the log and not yet applied. */
    CONF_CHANGE_PENDING,
    /** The configuration is joint and the change is not its end, or the other way round. */
    WRONG_JOINT_STATE,
    /** The change cannot be applied to the current configuration. */
    INVALID_CONF_CHANGE
  }

  private final Reason reason;

  public ProposalDroppedException(Reason reason) {
    super("KV:Raft:ProposalDropped", ErrorCategory.RETRY_LATER, "proposal dropped: " + reason);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
