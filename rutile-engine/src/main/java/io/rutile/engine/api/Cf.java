package io.rutile.engine.api;

import java.util.Optional;

/** Column families of the data engine, named as on the wire. */
public enum Cf {
  DEFAULT("default"),
  LOCK("lock"),
  WRITE("write"),
  /** Region metadata and apply state; never visible to clients. */
  RAFT("raft");

  private static final Cf[] DATA = {DEFAULT, LOCK, WRITE};

  private final String wireName;

  Cf(String wireName) {
    this.wireName = wireName;
  }

  public String wireName() {
    return wireName;
  }

  /** The families that hold user data, in the order in which snapshots carry them. */
  public static Cf[] data() {
    return DATA.clone();
  }

  /** The family of that wire name; the empty name is {@link #DEFAULT}; unknown names have none. */
  public static Optional<Cf> ofWireName(String name) {
    return switch (name) {
      case "", "default" -> Optional.of(DEFAULT);
      case "lock" -> Optional.of(LOCK);
      case "write" -> Optional.of(WRITE);
      case "raft" -> Optional.of(RAFT);
      case String other -> Optional.empty();
    };
  }
}
