package io.rutile.pd.schedule.hot;

import io.rutile.proto.pdpb.QueryStats;

/** Traffic per second. */
public record Load(double bytes, double keys, double queries) {
  public static final Load NONE = new Load(0, 0, 0);

  public double of(Dimension dimension) {
    return switch (dimension) {
      case BYTES -> bytes;
      case KEYS -> keys;
      case QUERIES -> queries;
    };
  }

  public Load plus(Load other) {
    return new Load(bytes + other.bytes, keys + other.keys, queries + other.queries);
  }

  public Load times(double factor) {
    return new Load(bytes * factor, keys * factor, queries * factor);
  }

  /** In each dimension the greater one. */
  public Load atLeast(Load other) {
    return new Load(
        Math.max(bytes, other.bytes), Math.max(keys, other.keys), Math.max(queries, other.queries));
  }

  /** Whether it reaches the other one in some dimension. */
  public boolean reachesAny(Load other) {
    return bytes >= other.bytes || keys >= other.keys || queries >= other.queries;
  }

  public static long readQueries(QueryStats stats) {
    return stats.getGet() + stats.getScan() + stats.getCoprocessor();
  }

  public static long writeQueries(QueryStats stats) {
    return stats.getPut()
        + stats.getDelete()
        + stats.getDeleteRange()
        + stats.getPrewrite()
        + stats.getAcquirePessimisticLock()
        + stats.getCommit()
        + stats.getRollback();
  }
}
