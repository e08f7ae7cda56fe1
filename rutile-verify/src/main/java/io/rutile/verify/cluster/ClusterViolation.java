package io.rutile.verify.cluster;

/** A promise of the cluster was broken. */
public final class ClusterViolation extends RuntimeException {
  public ClusterViolation(String message) {
    super(message);
  }

  /** With the seed that shows it. */
  public ClusterViolation(long seed, Throwable cause) {
    super("seed " + seed + ": " + cause.getMessage(), cause);
  }
}
