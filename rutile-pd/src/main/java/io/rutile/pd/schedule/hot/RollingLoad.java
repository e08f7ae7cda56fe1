package io.rutile.pd.schedule.hot;

/**
 * Average traffic over the latest reports: a report is dropped when as many newer ones have come.
 *
 * <p>Owned by: the cluster loop.
 */
final class RollingLoad {
  private static final int REPORTS = 5;

  private final double[] bytes = new double[REPORTS];
  private final double[] keys = new double[REPORTS];
  private final double[] queries = new double[REPORTS];
  private final double[] seconds = new double[REPORTS];
  private int next;

  /** Adds what was counted in so many seconds. */
  void add(Load counted, double inSeconds) {
    bytes[next] = counted.bytes();
    keys[next] = counted.keys();
    queries[next] = counted.queries();
    seconds[next] = inSeconds;
    next = (next + 1) % REPORTS;
  }

  Load perSecond() {
    double time = sum(seconds);
    return time <= 0
        ? Load.NONE
        : new Load(sum(bytes) / time, sum(keys) / time, sum(queries) / time);
  }

  private static double sum(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum;
  }
}
