package io.rutile.pd.gc;

import io.rutile.pd.meta.MetaPaths;

/**
 * Where the points of one scope are stored. The transaction safe point lies in the very cell that
 * TiDB reads and writes through etcd, so that both see one value.
 *
 * @param keyspaceId a keyspace, or {@link #UNIFIED} for all that have no points of their own
 */
public record GcScope(long keyspaceId) {
  /** The null keyspace. */
  public static final long UNIFIED = 0xFFFFFFFFL;

  private static final long MAX_KEYSPACE = 0xFFFFFFL;

  /** Ids outside the 24 bits of a keyspace mean the unified scope. */
  public static GcScope of(long keyspaceId) {
    return new GcScope(keyspaceId < 0 || keyspaceId > MAX_KEYSPACE ? UNIFIED : keyspaceId);
  }

  public boolean isUnified() {
    return keyspaceId == UNIFIED;
  }

  private String tidbPrefix() {
    return isUnified() ? "" : "/keyspaces/tidb/" + keyspaceId;
  }

  String txnSafePointPath() {
    return tidbPrefix() + "/tidb/store/gcworker/saved_safe_point";
  }

  String minStartTsPrefix() {
    return tidbPrefix() + "/tidb/server/minstartts/";
  }

  String gcSafePointPath(MetaPaths paths) {
    return isUnified()
        ? paths.gcPrefix() + "safe_point"
        : paths.keyspaceMetaPrefix().replace("/meta/", "/gc_safe_point/")
            + "%08d".formatted(keyspaceId);
  }

  String barrierPrefix(MetaPaths paths) {
    return isUnified()
        ? paths.gcPrefix() + "safe_point/service/"
        : paths.keyspaceMetaPrefix().replace("/meta/", "/service_safe_point/")
            + "%08d/".formatted(keyspaceId);
  }

  static String globalBarrierPrefix(MetaPaths paths) {
    return paths.gcPrefix() + "global_gc_barriers/";
  }
}
