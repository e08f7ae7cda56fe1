package io.rutile.txn.deadlock;

import io.rutile.base.clock.Clock;
import io.rutile.proto.deadlock.WaitForEntry;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who waits for whom, and why. An edge that is not reported again dies after a time to live:
 * waiters that vanished must not refuse others for ever. Not safe for use by several threads.
 */
final class WaitForGraph {
  /**
   * A wait that would close a cycle.
   *
   * @param keyHash of the key that the refused transaction holds and the cycle's last waits for
   * @param chain the waits from the holder that was to be waited for back to the refused one
   */
  record Cycle(long keyHash, List<WaitForEntry> chain) {}

  /** Why one transaction waits for another: by key hash, the newest report of each key. */
  private static final class Edge {
    private final Map<Long, WaitForEntry> reasons = new LinkedHashMap<>();
    private long reportedNanos;

    WaitForEntry first() {
      return reasons.values().iterator().next();
    }
  }

  /** A step of the search, with the way back to where it began. */
  private record Step(long txn, @Nullable Step previous, @Nullable Edge by) {}

  private final Clock clock;
  private long ttlNanos;
  private final Map<Long, Map<Long, Edge>> edges = new HashMap<>();

  WaitForGraph(Clock clock, Duration ttl) {
    this.clock = clock;
    this.ttlNanos = ttl.toNanos();
  }

  void setTtl(Duration ttl) {
    ttlNanos = ttl.toNanos();
  }

  /** Adds the wait, unless it closes a cycle. */
  Optional<Cycle> detect(WaitForEntry wait) {
    Edge known = edges.getOrDefault(wait.getTxn(), Map.of()).get(wait.getWaitForTxn());
    if (known == null || expired(known)) {
      Optional<Cycle> cycle = search(wait.getTxn(), wait.getWaitForTxn());
      if (cycle.isPresent()) {
        return cycle;
      }
    }
    Edge edge =
        edges
            .computeIfAbsent(wait.getTxn(), txn -> new HashMap<>())
            .computeIfAbsent(wait.getWaitForTxn(), txn -> new Edge());
    edge.reasons.put(wait.getKeyHash(), wait);
    edge.reportedNanos = clock.monotonicNanos();
    return Optional.empty();
  }

  /** Looks for a way from {@code holder} to {@code waiter}, dropping dead edges on the way. */
  private Optional<Cycle> search(long waiter, long holder) {
    Deque<Step> open = new ArrayDeque<>();
    Map<Long, Step> seen = new HashMap<>();
    Step start = new Step(holder, null, null);
    open.add(start);
    seen.put(holder, start);
    while (!open.isEmpty()) {
      Step step = open.remove();
      Map<Long, Edge> out = edges.getOrDefault(step.txn(), new HashMap<>());
      for (Iterator<Map.Entry<Long, Edge>> i = out.entrySet().iterator(); i.hasNext(); ) {
        Map.Entry<Long, Edge> entry = i.next();
        Edge edge = entry.getValue();
        if (expired(edge)) {
          i.remove();
          continue;
        }
        Step next = new Step(entry.getKey(), step, edge);
        if (entry.getKey() == waiter) {
          return Optional.of(new Cycle(edge.first().getKeyHash(), chain(next)));
        }
        if (seen.putIfAbsent(entry.getKey(), next) == null) {
          open.add(next);
        }
      }
      if (out.isEmpty()) {
        edges.remove(step.txn());
      }
    }
    return Optional.empty();
  }

  private static List<WaitForEntry> chain(Step last) {
    List<WaitForEntry> chain = new ArrayList<>();
    Step step = last;
    while (step != null && step.by() != null) {
      chain.add(step.by().first());
      step = step.previous();
    }
    Collections.reverse(chain);
    return chain;
  }

  private boolean expired(Edge edge) {
    return clock.monotonicNanos() - edge.reportedNanos > ttlNanos;
  }

  /** Forgets one wait. */
  void cleanUpWaitFor(long txn, long waitForTxn, long keyHash) {
    Map<Long, Edge> out = edges.get(txn);
    Edge edge = out == null ? null : out.get(waitForTxn);
    if (out == null || edge == null) {
      return;
    }
    edge.reasons.remove(keyHash);
    if (edge.reasons.isEmpty()) {
      out.remove(waitForTxn);
    }
    if (out.isEmpty()) {
      edges.remove(txn);
    }
  }

  /** Forgets all waits of a transaction. */
  void cleanUp(long txn) {
    edges.remove(txn);
  }

  void clear() {
    edges.clear();
  }

  boolean isEmpty() {
    return edges.isEmpty();
  }
}
