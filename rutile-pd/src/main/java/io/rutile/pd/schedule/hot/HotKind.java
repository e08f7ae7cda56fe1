package io.rutile.pd.schedule.hot;

/** Direction of traffic, with the rates from which a peer may count as hot. */
public enum HotKind {
  READ(new Load(8 << 10, 128, 128)),
  WRITE(new Load(1 << 10, 32, 32));

  private final Load threshold;

  HotKind(Load threshold) {
    this.threshold = threshold;
  }

  /** Below all of these, per second, a peer is never hot. */
  public Load threshold() {
    return threshold;
  }
}
