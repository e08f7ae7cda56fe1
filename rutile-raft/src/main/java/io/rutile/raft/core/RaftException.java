package io.rutile.raft.core;

import io.rutile.base.error.ErrorCategory;
import io.rutile.base.error.RutileException;

/** The caller asked for what a node cannot do; the node's state is as before. */
public final class RaftException extends RutileException {
  private RaftException(String code, ErrorCategory category, String message) {
    super(code, category, message);
  }

  static RaftException localMessage(String type) {
    return new RaftException(
        "KV:Raft:StepLocalMsg", ErrorCategory.CALLER, "message of local type from a peer: " + type);
  }

  static RaftException requestSnapshotDropped(String why) {
    return new RaftException(
        "KV:Raft:RequestSnapshotDropped",
        ErrorCategory.RETRY_LATER,
        "snapshot request dropped: " + why);
  }

  static RaftException config(String why) {
    return new RaftException("KV:Raft:ConfigInvalid", ErrorCategory.CALLER, why);
  }
}
