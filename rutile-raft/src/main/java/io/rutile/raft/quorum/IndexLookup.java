package io.rutile.raft.quorum;

/** An index that each member has acknowledged; 0 for a member that is not known. */
@FunctionalInterface
public interface IndexLookup {
  long indexOf(long id);
}
