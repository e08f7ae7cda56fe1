package io.rutile.pd.resource;

/**
 * Tokens that come in at a steady rate. Who asks for more than there is gets what will come in
 * during the period that it plans for, to be spent over that period; what is promised to one so is
 * not promised to another.
 *
 * <p>Not thread-safe: guarded by its group.
 */
final class TokenBucket {
  private static final double MILLIS = 1_000.0;
  private static final double NANOS = 1_000_000_000.0;

  /**
   * What was granted.
   *
   * @param trickleMillis over how long to spend it, 0 for at once
   */
  record Grant(double tokens, long trickleMillis) {}

  private double fillRate;
  private long burstLimit;
  private double tokens;
  private long filledNanos;

  /**
   * @param fillRate tokens a second
   * @param burstLimit most tokens that gather, 0 for those of a second, negative for no limit at
   *     all
   */
  TokenBucket(double fillRate, long burstLimit, double tokens, long nowNanos) {
    this.fillRate = fillRate;
    this.burstLimit = burstLimit;
    this.tokens = tokens;
    this.filledNanos = nowNanos;
  }

  /** Goes on with other limits and the tokens that there are. */
  void change(double rate, long burst) {
    fillRate = rate;
    burstLimit = burst;
  }

  Grant take(double wanted, long periodMillis, long nowNanos) {
    fill(nowNanos);
    if (wanted <= 0) {
      return new Grant(0, 0);
    }
    if (burstLimit < 0) {
      return new Grant(wanted, 0);
    }
    if (wanted <= tokens) {
      tokens -= wanted;
      return new Grant(wanted, 0);
    }
    double coming = Math.max(0, tokens + fillRate * periodMillis / MILLIS);
    double granted = Math.min(wanted, coming);
    tokens -= granted;
    return new Grant(granted, periodMillis);
  }

  private void fill(long nowNanos) {
    double capacity = burstLimit > 0 ? burstLimit : fillRate;
    double gathered = tokens + fillRate * (nowNanos - filledNanos) / NANOS;
    tokens = Math.max(Math.min(gathered, capacity), Math.min(tokens, capacity));
    filledNanos = nowNanos;
  }

  double tokens() {
    return tokens;
  }
}
