package io.rutile.verify.cluster;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * Counts how often a simulation came to places that it should come to, so that a test cannot stop
 * testing something unnoticed. Places are declared beforehand.
 */
public final class Probes {
  private static final String[] DECLARED = {
    "store crashed",
    "all stores crashed",
    "store paused",
    "link cut one way",
    "link cut both ways",
    "disk filled",
    "region split",
    "leadership handed over",
    "learner added",
    "learner promoted",
    "voter removed",
    "joint change",
    "not leader",
    "epoch not match",
    "disk full",
    "undetermined result",
    "other region error",
    "swap refused",
    "lock resolved by commit",
    "lock resolved by rollback",
    "write conflict",
    "commit outcome settled later",
  };

  private final Map<String, Long> hits = new TreeMap<>();

  public Probes() {
    Arrays.stream(DECLARED).forEach(name -> hits.put(name, 0L));
  }

  void hit(String name) {
    if (hits.computeIfPresent(name, (any, count) -> count + 1) == null) {
      throw new IllegalArgumentException("undeclared probe: " + name);
    }
  }

  /** Adds the hits of another run. */
  public void add(Probes other) {
    other.hits.forEach((name, count) -> hits.merge(name, count, Long::sum));
  }

  public int declared() {
    return hits.size();
  }

  public int hit() {
    return (int) hits.values().stream().filter(count -> count > 0).count();
  }

  @Override
  public String toString() {
    return hits.toString();
  }
}
