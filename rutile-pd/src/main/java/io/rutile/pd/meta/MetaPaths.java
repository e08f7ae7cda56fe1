package io.rutile.pd.meta;

/** Where PD keeps what: its own key layout under {@code /pd/<cluster id>}. */
public final class MetaPaths {
  /** The cluster id, 8 bytes. */
  public static final String CLUSTER_ID = "/pd/cluster_id";

  private final String root;

  public MetaPaths(long clusterId) {
    this.root = "/pd/" + Long.toUnsignedString(clusterId);
  }

  public String allocId() {
    return root + "/alloc_id";
  }

  public String timestamp() {
    return root + "/timestamp";
  }

  public String config() {
    return root + "/config";
  }

  public String cluster() {
    return root + "/raft";
  }

  public String bootstrapTime() {
    return root + "/raft/status/raft_bootstrap_time";
  }

  public String storePrefix() {
    return root + "/raft/s/";
  }

  public String store(long id) {
    return storePrefix() + "%020d".formatted(id);
  }

  public String regionPrefix() {
    return root + "/raft/r/";
  }

  public String region(long id) {
    return regionPrefix() + "%020d".formatted(id);
  }

  public String minResolvedTs() {
    return root + "/raft/min_resolved_ts";
  }

  public String externalTimestamp() {
    return root + "/raft/external_timestamp";
  }

  public String storeWeight(long id) {
    return root + "/schedule/store_weight/" + "%020d".formatted(id);
  }

  public String storeLimit(long id) {
    return root + "/schedule/store_limit/" + "%020d".formatted(id);
  }

  public String schedulerPrefix() {
    return root + "/scheduler_config/";
  }

  public String rulePrefix() {
    return root + "/rules/";
  }

  public String ruleGroupPrefix() {
    return root + "/rule_group/";
  }

  public String regionLabelPrefix() {
    return root + "/region_label/";
  }

  public String replicationMode() {
    return root + "/replication_mode/dr_auto_sync";
  }

  public String memberPriority(long id) {
    return root + "/member/" + Long.toUnsignedString(id) + "/leader_priority";
  }

  public String snapshotRecovering() {
    return root + "/cluster/markers/snapshot-recovering";
  }

  public String keyspaceMetaPrefix() {
    return root + "/keyspaces/meta/";
  }

  public String keyspaceIdPrefix() {
    return root + "/keyspaces/id/";
  }

  public String keyspaceAllocId() {
    return root + "/keyspaces/alloc_id";
  }

  public String gcPrefix() {
    return root + "/gc/";
  }
}
