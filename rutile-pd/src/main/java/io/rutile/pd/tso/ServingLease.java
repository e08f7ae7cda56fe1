package io.rutile.pd.tso;

/** Tells whether this member is still, for certain, the only one that may serve. */
@FunctionalInterface
public interface ServingLease {
  /**
   * Whether this member leads in {@code term} and no other member can lead before the call returns.
   * Called by many threads; must be cheap.
   */
  boolean isValid(long term);
}
