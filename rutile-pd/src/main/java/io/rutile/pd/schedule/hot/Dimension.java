package io.rutile.pd.schedule.hot;

/** What traffic is counted in. */
public enum Dimension {
  BYTES("bytes"),
  KEYS("keys"),
  QUERIES("query");

  private final String rateName;

  Dimension(String rateName) {
    this.rateName = rateName;
  }

  /** What PD calls its rates by. */
  public String rateName() {
    return rateName;
  }
}
