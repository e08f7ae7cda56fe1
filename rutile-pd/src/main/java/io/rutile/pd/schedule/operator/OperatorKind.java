package io.rutile.pd.schedule.operator;

/** Why an operator exists; each kind but the administrator's has a limit of its own. */
public enum OperatorKind {
  ADMIN("admin"),
  MERGE("merge"),
  REPLICA("replica"),
  SPLIT("split"),
  HOT_REGION("hot-region"),
  REGION("region"),
  LEADER("leader");

  private final String wireName;

  OperatorKind(String wireName) {
    this.wireName = wireName;
  }

  public String wireName() {
    return wireName;
  }
}
