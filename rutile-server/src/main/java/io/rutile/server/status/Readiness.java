package io.rutile.server.status;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;

/**
 * Whether the store is ready to serve: when every condition holds. Conditions are added while the
 * store starts and asked by any thread.
 */
public final class Readiness {
  private final Map<String, BooleanSupplier> conditions = new ConcurrentHashMap<>();

  /** A condition that must hold, by the name that {@code /ready?verbose} shows. */
  public void require(String name, BooleanSupplier holds) {
    conditions.put(name, holds);
  }

  boolean isReady() {
    return conditions.values().stream().allMatch(BooleanSupplier::getAsBoolean);
  }

  Map<String, Boolean> details() {
    Map<String, Boolean> details = new TreeMap<>();
    conditions.forEach((name, holds) -> details.put(name, holds.getAsBoolean()));
    return details;
  }
}
