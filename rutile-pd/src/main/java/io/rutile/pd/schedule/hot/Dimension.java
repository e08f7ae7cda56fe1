package io.rutile.pd.schedule.hot;

/** What traffic is counted in. */
public enum Dimension {
  BYTES("byte"),
  KEYS("key"),
  QUERIES("query");

  private final String wireName;

  Dimension(String wireName) {
    this.wireName = wireName;
  }

  public String wireName() {
    return wireName;
  }
}
