package io.rutile.pd.meta;

/** A registered watch. */
@FunctionalInterface
public interface WatchHandle extends AutoCloseable {
  /** Stops the watch; a call that is under way may still arrive. */
  @Override
  void close();
}
