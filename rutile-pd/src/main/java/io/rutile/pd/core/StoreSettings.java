package io.rutile.pd.core;

/**
 * What an administrator set for one store.
 *
 * @param leaderWeight share of leaders it should carry, against other stores
 * @param regionWeight share of data it should carry, against other stores
 * @param addPeerPerMinute peers it may gain in a minute by schedulers
 * @param removePeerPerMinute peers it may lose in a minute by schedulers
 */
public record StoreSettings(
    double leaderWeight, double regionWeight, double addPeerPerMinute, double removePeerPerMinute) {
  public static final StoreSettings DEFAULT = new StoreSettings(1, 1, 15, 15);

  public StoreSettings withWeights(double leader, double region) {
    return new StoreSettings(leader, region, addPeerPerMinute, removePeerPerMinute);
  }

  public StoreSettings withLimits(double addPerMinute, double removePerMinute) {
    return new StoreSettings(leaderWeight, regionWeight, addPerMinute, removePerMinute);
  }
}
