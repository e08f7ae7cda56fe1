package io.rutile.server.status;

import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.Region;
import io.rutile.store.RegionStatus;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One region as {@code /region/{id}} shows it, by TiKV's field names. Stateless. Keys are lists of
 * byte values there, as TiKV writes them.
 */
final class RegionPage {
  private RegionPage() {}

  static Map<String, Object> of(RegionStatus status) {
    Map<String, Object> page = new LinkedHashMap<>();
    page.put("group_state", status.hibernating() ? "Idle" : "Ordered");
    page.put("raft_status", raftStatus(status));
    page.put("raft_apply", Map.of("applied_index", status.appliedIndex()));
    page.put("region_state", regionState(status.region()));
    page.put("bucket_keys", List.of());
    return page;
  }

  private static Map<String, Object> raftStatus(RegionStatus status) {
    Map<String, Object> soft = new LinkedHashMap<>();
    Peer leader = status.leader();
    soft.put("leader_id", leader == null ? 0 : leader.getId());
    soft.put("raft_state", status.isLeader() ? "Leader" : "Follower");
    Map<String, Object> raft = new LinkedHashMap<>();
    raft.put("id", status.peer().getId());
    raft.put("hard_state", Map.of("term", status.term()));
    raft.put("soft_state", soft);
    raft.put("applied", status.appliedIndex());
    return raft;
  }

  private static Map<String, Object> regionState(Region region) {
    Map<String, Object> state = new LinkedHashMap<>();
    state.put("id", region.getId());
    state.put("start_key", bytes(region.getStartKey().toByteArray()));
    state.put("end_key", bytes(region.getEndKey().toByteArray()));
    Map<String, Object> epoch = new LinkedHashMap<>();
    epoch.put("conf_ver", region.getRegionEpoch().getConfVer());
    epoch.put("version", region.getRegionEpoch().getVersion());
    state.put("epoch", epoch);
    state.put("peers", region.getPeersList().stream().map(RegionPage::peer).toList());
    return state;
  }

  private static Map<String, Object> peer(Peer peer) {
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("id", peer.getId());
    view.put("store_id", peer.getStoreId());
    view.put("role", peer.getRole().name());
    view.put("is_witness", peer.getIsWitness());
    return view;
  }

  private static List<Integer> bytes(byte[] key) {
    List<Integer> values = new ArrayList<>(key.length);
    for (byte b : key) {
      values.add(b & 0xFF);
    }
    return values;
  }
}
