package io.rutile.store.heartbeat;

import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.pdpb.PeerStats;
import io.rutile.proto.pdpb.RegionHeartbeatRequest;
import io.rutile.proto.pdpb.TimeInterval;
import io.rutile.raft.core.PeerProgress;
import io.rutile.raft.core.RaftStatus;
import io.rutile.store.meta.RegionHandle;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What one leader reports of its region: flow since the last report, size, peers that are down or
 * behind. Owned by: the peer's store loop.
 */
public final class RegionReporter {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;
  private static final long MILLIS_PER_SECOND = 1_000L;

  private final PdGateway pd;
  private final RegionHandle handle;
  private final long maxDownNanos;
  private final Map<Long, Long> lastHeardNanos = new HashMap<>();

  /** Whom the last report named as pending. */
  private List<Peer> reportedPending = List.of();

  private long writtenBytes;
  private long writtenKeys;
  private long approximateBytes;
  private long approximateKeys;
  private long lastReportSeconds;

  public RegionReporter(PdGateway pd, RegionHandle handle, long maxDownNanos) {
    this.pd = pd;
    this.handle = handle;
    this.maxDownNanos = maxDownNanos;
  }

  public void onWritten(long bytes, long keys) {
    writtenBytes += bytes;
    writtenKeys += keys;
    approximateBytes += bytes;
    approximateKeys += keys;
  }

  /** A look at the engine said how large the region is. */
  public void onMeasured(long bytes, long keys) {
    approximateBytes = bytes;
    approximateKeys = keys;
  }

  public long approximateBytes() {
    return approximateBytes;
  }

  public long approximateKeys() {
    return approximateKeys;
  }

  /** The peer heard of another one. */
  public void onHeard(long peerId, long nowNanos) {
    lastHeardNanos.put(peerId, nowNanos);
  }

  /** The leader slept, and with it everybody else: they all count as heard of just now. */
  public void onAwake(long nowNanos) {
    lastHeardNanos.replaceAll((peer, heard) -> nowNanos);
  }

  /** A leadership begins: everybody counts as heard of just now. */
  public void onLeading(Region region, long nowNanos) {
    reportedPending = List.of();
    lastHeardNanos.clear();
    region.getPeersList().forEach(peer -> lastHeardNanos.put(peer.getId(), nowNanos));
  }

  public void onPeersChanged(Region region, long nowNanos) {
    lastHeardNanos.keySet().retainAll(region.getPeersList().stream().map(Peer::getId).toList());
    region.getPeersList().forEach(peer -> lastHeardNanos.putIfAbsent(peer.getId(), nowNanos));
  }

  /** Whether the last report named the peer as pending. */
  public boolean reportedPending(long peerId) {
    for (Peer peer : reportedPending) {
      if (peer.getId() == peerId) {
        return true;
      }
    }
    return false;
  }

  /** Peers whose log does not reach the leader's truncation point. */
  public static List<Peer> pendingPeers(Region region, RaftStatus status, long truncatedIndex) {
    List<Peer> pending = new ArrayList<>();
    for (PeerProgress progress : status.progress()) {
      if (progress.id() == status.id() || progress.match() >= truncatedIndex) {
        continue;
      }
      for (Peer peer : region.getPeersList()) {
        if (peer.getId() == progress.id()) {
          pending.add(peer);
        }
      }
    }
    return pending;
  }

  public List<PeerStats> downPeers(Region region, long selfId, long nowNanos) {
    List<PeerStats> down = new ArrayList<>();
    for (Peer peer : region.getPeersList()) {
      Long heard = lastHeardNanos.get(peer.getId());
      if (peer.getId() != selfId && heard != null && nowNanos - heard >= maxDownNanos) {
        down.add(
            PeerStats.newBuilder()
                .setPeer(peer)
                .setDownSeconds((nowNanos - heard) / NANOS_PER_SECOND)
                .build());
      }
    }
    return down;
  }

  public void report(
      Region region,
      Peer leader,
      RaftStatus status,
      long truncatedIndex,
      long nowNanos,
      long wallMillis) {
    long nowSeconds = wallMillis / MILLIS_PER_SECOND;
    reportedPending = pendingPeers(region, status, truncatedIndex);
    RegionHeartbeatRequest request =
        RegionHeartbeatRequest.newBuilder()
            .setRegion(region)
            .setLeader(leader)
            .addAllDownPeers(downPeers(region, leader.getId(), nowNanos))
            .addAllPendingPeers(reportedPending)
            .setBytesWritten(writtenBytes)
            .setKeysWritten(writtenKeys)
            .setBytesRead(handle.takeReadBytes())
            .setKeysRead(handle.takeReadKeys())
            .setApproximateSize(approximateBytes)
            .setApproximateKvSize(approximateBytes)
            .setApproximateKeys(approximateKeys)
            .setInterval(
                TimeInterval.newBuilder()
                    .setStartTimestamp(lastReportSeconds)
                    .setEndTimestamp(nowSeconds))
            .setTerm(status.term())
            .build();
    writtenBytes = 0;
    writtenKeys = 0;
    lastReportSeconds = nowSeconds;
    pd.regionHeartbeat(request);
  }
}
