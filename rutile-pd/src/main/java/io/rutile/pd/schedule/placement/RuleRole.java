package io.rutile.pd.schedule.placement;

/** What a rule asks its peers to be. */
public enum RuleRole {
  LEADER("leader"),
  VOTER("voter"),
  FOLLOWER("follower"),
  LEARNER("learner");

  private final String wireName;

  RuleRole(String wireName) {
    this.wireName = wireName;
  }

  public String wireName() {
    return wireName;
  }

  static RuleRole of(String name) {
    for (RuleRole role : values()) {
      if (role.wireName.equals(name)) {
        return role;
      }
    }
    throw PlacementException.content("invalid role " + name);
  }

  /** Whether a peer is what the rule asks for. */
  boolean isMetBy(boolean learner, boolean leader) {
    return switch (this) {
      case LEADER -> leader;
      case VOTER -> !learner;
      case FOLLOWER -> !learner && !leader;
      case LEARNER -> learner;
    };
  }

  /** Whether a peer is that or may become it without moving. A voter is not made a learner. */
  boolean isReachableFrom(boolean learner) {
    return learner || this != LEARNER;
  }
}
