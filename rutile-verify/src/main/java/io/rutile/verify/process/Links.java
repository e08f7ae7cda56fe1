package io.rutile.verify.process;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the links between processes let through, by who opened a connection and to whom. A link has
 * one direction: the connections that {@code from} opened to {@code to}, which is the direction of
 * Raft messages, since each store sends them on streams of its own. Safe for use by any thread.
 */
public final class Links {
  /** What happens on a link. */
  public enum State {
    PASS,
    /** Connections break, and new ones are closed at once. */
    CUT,
    /** Bytes wait, both ways, and nobody is told. */
    STALL
  }

  private record Link(String from, String to) {}

  private final Map<Link, State> states = new ConcurrentHashMap<>();
  private final Map<Link, Long> delays = new ConcurrentHashMap<>();

  public void set(String from, String to, State state) {
    states.put(new Link(from, to), state);
  }

  /** Everything on the link arrives later by this much. */
  public void delay(String from, String to, long millis) {
    delays.put(new Link(from, to), millis);
  }

  public void heal() {
    states.clear();
    delays.clear();
  }

  State state(String from, String to) {
    return states.getOrDefault(new Link(from, to), State.PASS);
  }

  long delayMillis(String from, String to) {
    return delays.getOrDefault(new Link(from, to), 0L);
  }
}
