package io.rutile.pd.tso;

/**
 * The durable upper bound of physical times. Calls block until the bound is on the disks of a
 * majority, and throw when that did not happen or is not known.
 */
public interface TimestampWindow {
  /** The saved bound in milliseconds since 1970, 0 when none was ever saved. */
  long load();

  /** Saves a bound; it must be above the saved one. */
  void save(long boundMillis);
}
