package io.rutile.pd.http;

import com.google.protobuf.ByteString;
import io.rutile.base.bytes.Bytes;
import io.rutile.pd.config.GoDuration;
import io.rutile.pd.core.ClusterImage;
import io.rutile.pd.core.RegionFlow;
import io.rutile.pd.core.RegionInfo;
import io.rutile.pd.core.StoreInfo;
import io.rutile.pd.core.StoreRegions;
import io.rutile.pd.core.StoreScores;
import io.rutile.proto.keyspacepb.KeyspaceMeta;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.PeerRole;
import io.rutile.proto.metapb.Store;
import io.rutile.proto.metapb.StoreLabel;
import io.rutile.proto.pdpb.Member;
import io.rutile.proto.pdpb.PeerStats;
import io.rutile.proto.pdpb.StoreStats;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Shapes of PD's JSON. A field that PD leaves out when it is zero is left out here too. */
public final class Json {
  private Json() {}

  /** Ids are unsigned. */
  public static Object id(long id) {
    return id >= 0 ? (Object) id : new BigInteger(Long.toUnsignedString(id));
  }

  private static void optional(Map<String, Object> into, String key, Object value) {
    boolean absent =
        value.equals(0)
            || value.equals(0L)
            || value.equals("")
            || value.equals(false)
            || (value instanceof List<?> list && list.isEmpty());
    if (!absent) {
      into.put(key, value);
    }
  }

  static Map<String, Object> member(Member member) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", member.getName());
    json.put("member_id", id(member.getMemberId()));
    json.put("peer_urls", List.copyOf(member.getPeerUrlsList()));
    json.put("client_urls", List.copyOf(member.getClientUrlsList()));
    optional(json, "leader_priority", member.getLeaderPriority());
    optional(json, "deploy_path", member.getDeployPath());
    optional(json, "binary_version", member.getBinaryVersion());
    optional(json, "git_hash", member.getGitHash());
    return json;
  }

  static Map<String, Object> store(StoreInfo store, ClusterImage image) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("store", storeMeta(store, image));
    json.put("status", storeStatus(store, image));
    return json;
  }

  private static Map<String, Object> storeMeta(StoreInfo store, ClusterImage image) {
    Store meta = store.meta();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("id", id(meta.getId()));
    json.put("address", meta.getAddress());
    optional(json, "state", meta.getStateValue());
    List<Object> labels = new ArrayList<>();
    for (StoreLabel label : meta.getLabelsList()) {
      Map<String, Object> pair = new LinkedHashMap<>();
      pair.put("key", label.getKey());
      pair.put("value", label.getValue());
      labels.add(pair);
    }
    optional(json, "labels", labels);
    json.put("version", meta.getVersion());
    optional(json, "peer_address", meta.getPeerAddress());
    optional(json, "status_address", meta.getStatusAddress());
    optional(json, "git_hash", meta.getGitHash());
    optional(json, "start_timestamp", meta.getStartTimestamp());
    optional(json, "deploy_path", meta.getDeployPath());
    optional(json, "last_heartbeat", meta.getLastHeartbeat());
    optional(json, "physically_destroyed", meta.getPhysicallyDestroyed());
    optional(json, "node_state", meta.getNodeStateValue());
    long maxDown = image.config().schedule().maxStoreDownTime().duration().toNanos();
    json.put("state_name", store.stateName(image.nowNanos(), maxDown));
    return json;
  }

  private static Map<String, Object> storeStatus(StoreInfo store, ClusterImage image) {
    StoreStats stats = store.stats();
    StoreRegions held = image.regions().onStore(store.id());
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("capacity", Units.bytes(stats.getCapacity()));
    json.put("available", Units.bytes(stats.getAvailable()));
    json.put("used_size", Units.bytes(stats.getUsedSize()));
    json.put("leader_count", held.leaderCount());
    json.put("leader_weight", store.settings().leaderWeight());
    json.put("leader_score", StoreScores.leaderScore(store, held, image.config().schedule(), 0));
    json.put("leader_size", held.leaderSizeMib());
    json.put("region_count", held.regionCount());
    json.put("region_weight", store.settings().regionWeight());
    json.put("region_score", StoreScores.regionScore(store, held, image.config().schedule(), 0));
    json.put("region_size", held.regionSizeMib());
    optional(json, "learner_count", held.learners().size());
    optional(json, "witness_count", held.witnesses());
    optional(json, "pending_peer_count", held.pending().size());
    optional(json, "slow_score", stats.getSlowScore());
    optional(json, "sending_snap_count", stats.getSendingSnapCount());
    optional(json, "receiving_snap_count", stats.getReceivingSnapCount());
    optional(json, "is_busy", stats.getIsBusy());
    long startSeconds = store.meta().getStartTimestamp();
    long heardNanos = store.meta().getLastHeartbeat();
    if (startSeconds > 0) {
      json.put("start_ts", Units.time(startSeconds * 1000));
    }
    if (heardNanos > 0) {
      json.put("last_heartbeat_ts", Units.time(heardNanos / 1_000_000));
      long upNanos = heardNanos - startSeconds * 1_000_000_000L;
      if (startSeconds > 0 && upNanos > 0) {
        json.put("uptime", GoDuration.text(Duration.ofNanos(upNanos)));
      }
    }
    return json;
  }

  static Map<String, Object> peer(Peer peer) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("id", id(peer.getId()));
    json.put("store_id", id(peer.getStoreId()));
    optional(json, "role", peer.getRoleValue());
    json.put("role_name", peer.getRole().name());
    optional(json, "is_learner", peer.getRole() == PeerRole.Learner);
    optional(json, "is_witness", peer.getIsWitness());
    return json;
  }

  static Map<String, Object> region(RegionInfo region) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("id", id(region.id()));
    json.put("start_key", Bytes.hex(region.startKey()));
    json.put("end_key", Bytes.hex(region.endKey()));
    Map<String, Object> epoch = new LinkedHashMap<>();
    epoch.put("conf_ver", region.epoch().getConfVer());
    epoch.put("version", region.epoch().getVersion());
    json.put("epoch", epoch);
    json.put("peers", region.peers().stream().map(Json::peer).toList());
    Peer leader = region.leader();
    json.put("leader", peer(leader == null ? Peer.getDefaultInstance() : leader));
    optional(json, "down_peers", region.downPeers().stream().map(Json::downPeer).toList());
    optional(json, "pending_peers", region.pendingPeers().stream().map(Json::peer).toList());
    RegionFlow flow = region.flow();
    json.put("cpu_usage", flow.cpuPercent());
    json.put("written_bytes", flow.bytesWritten());
    json.put("read_bytes", flow.bytesRead());
    json.put("written_keys", flow.keysWritten());
    json.put("read_keys", flow.keysRead());
    json.put("approximate_size", flow.sizeMib());
    json.put("approximate_keys", flow.keys());
    json.put("approximate_kv_size", flow.kvSizeMib());
    json.put("approximate_columnar_kv_size", flow.columnarKvSizeMib());
    if (flow.buckets() != null) {
      json.put(
          "buckets",
          flow.buckets().getKeysList().stream()
              .map(ByteString::toByteArray)
              .map(Bytes::hex)
              .toList());
    }
    if (region.replicationStatus().getStateId() != 0) {
      Map<String, Object> status = new LinkedHashMap<>();
      status.put("state", region.replicationStatus().getState().name());
      status.put("state_id", region.replicationStatus().getStateId());
      json.put("replication_status", status);
    }
    return json;
  }

  private static Map<String, Object> downPeer(PeerStats stats) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("down_seconds", stats.getDownSeconds());
    json.put("peer", peer(stats.getPeer()));
    return json;
  }

  static Map<String, Object> regions(List<RegionInfo> regions) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("count", regions.size());
    json.put("regions", regions.stream().map(Json::region).toList());
    return json;
  }

  static Map<String, Object> keyspace(KeyspaceMeta keyspace) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("id", keyspace.getId());
    json.put("name", keyspace.getName());
    json.put("state", keyspace.getState().name());
    json.put("created_at", keyspace.getCreatedAt());
    json.put("state_changed_at", keyspace.getStateChangedAt());
    json.put("config", new LinkedHashMap<>(keyspace.getConfigMap()));
    return json;
  }
}
