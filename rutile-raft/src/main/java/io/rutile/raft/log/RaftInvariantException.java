package io.rutile.raft.log;

import io.rutile.base.error.ErrorCategory;
import io.rutile.base.error.RutileException;

/**
 * Something happened that Raft rules out: this program has a bug, or a disk has lost what it had
 * acknowledged. The group must stop; going on could lose committed entries.
 */
public final class RaftInvariantException extends RutileException {
  public RaftInvariantException(String message) {
    super("KV:Raft:Unknown", ErrorCategory.BUG, message);
  }
}
