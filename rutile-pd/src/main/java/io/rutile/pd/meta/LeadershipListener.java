package io.rutile.pd.meta;

/** Hears of leadership changes in order. Called on the store's thread: must not block. */
@FunctionalInterface
public interface LeadershipListener {
  void changed(Leadership leadership);
}
