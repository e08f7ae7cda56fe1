package io.rutile.store.peer;

import io.rutile.proto.eraftpb.Message;
import io.rutile.proto.eraftpb.Snapshot;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.raftserverpb.PeerState;
import io.rutile.proto.raftserverpb.RaftMessage;
import io.rutile.proto.raftserverpb.RegionLocalState;
import io.rutile.raft.log.SnapshotTemporarilyUnavailableException;
import io.rutile.store.apply.ApplyCommand;
import io.rutile.store.loop.PeerCommand;
import io.rutile.store.meta.RegionImage;
import io.rutile.store.snapshot.FileSnapshotSource;
import io.rutile.store.snapshot.SnapshotFiles;
import io.rutile.store.snapshot.SnapshotInstaller;
import io.rutile.store.snapshot.SnapshotRegistry;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Snapshots of one peer, both ways. Owned by: store loop.
 *
 * <p>Outgoing: built on a background worker when the Raft node first asks, kept for its next
 * question, sent once. Incoming: from the moment the node has taken a snapshot until its files are
 * in the engine, nothing of this peer goes to the log: were the log to begin anew before the engine
 * knows of the snapshot, a crash in between would leave a hole.
 */
final class PeerSnapshots {
  private final Peer peer;
  private boolean building;
  private @Nullable Snapshot built;
  private @Nullable Snapshot installing;
  private List<RegionLocalState> takenOver = List.of();
  private final List<LogAppend> held = new ArrayList<>();

  PeerSnapshots(Peer peer) {
    this.peer = peer;
  }

  // Outgoing.

  /** What {@code RaftStorage.snapshot} answers. */
  Snapshot provide(long requestIndex, long truncatedIndex) {
    Snapshot ready = built;
    if (ready != null) {
      long index = ready.getMetadata().getIndex();
      built = null;
      if (index >= requestIndex && index >= truncatedIndex) {
        return ready;
      }
      dropBuilt(ready);
    }
    if (!building) {
      building = true;
      peer.host().buildSnapshot(peer);
    }
    throw new SnapshotTemporarilyUnavailableException(
        "a snapshot of region " + peer.regionId() + " is being built");
  }

  void onBuilt(@Nullable Snapshot snapshot) {
    building = false;
    if (built != null) {
      dropBuilt(built);
    }
    built = snapshot;
  }

  private void dropBuilt(Snapshot snapshot) {
    String key = SnapshotRegistry.keyOf(peer.regionId(), snapshot);
    peer.store()
        .background()
        .accept(() ->
            SnapshotFiles.delete(
                peer.store().snapshotRegistry().directory(), SnapshotFiles.Kind.OUTGOING, key));
  }

  void send(Message message, RaftMessage envelope) {
    SnapshotRegistry registry = peer.store().snapshotRegistry();
    long to = message.getTo();
    if (!registry.beginSend()) {
      dropBuilt(message.getSnapshot());
      peer.node().reportSnapshot(to, false);
      return;
    }
    String key = SnapshotRegistry.keyOf(peer.regionId(), message.getSnapshot());
    FileSnapshotSource source =
        new FileSnapshotSource(
            registry.directory(), key, SnapshotFiles.dataOf(message.getSnapshot()));
    long regionId = peer.regionId();
    PeerHost host = peer.host();
    host.sendSnapshot(
        envelope,
        source,
        ok -> {
          registry.endSend();
          host.post(regionId, new PeerCommand.SnapshotSent(regionId, to, ok));
        });
  }

  // Incoming.

  boolean isInstalling() {
    return installing != null;
  }

  /** The next snapshot covers these regions, whose peers here are gone from memory. */
  void takeOver(List<RegionLocalState> regions) {
    takenOver = regions;
  }

  /** The node has taken a snapshot: its data is put in place by the apply worker. */
  void install(Snapshot snapshot) {
    installing = snapshot;
    peer.setState(PeerState.Applying);
    peer.handle().publish(null); // nobody may read what is being replaced
    StoreContext store = peer.store();
    long regionId = peer.regionId();
    long peerId = peer.peerId();
    PeerHost host = peer.host();
    List<RegionLocalState> gone = takenOver;
    takenOver = List.of();
    host.apply(
        new ApplyCommand.Replace(
            regionId,
            () -> {
              SnapshotInstaller.install(
                  store.engine(), store.snapshotRegistry().directory(), snapshot, gone);
              gone.forEach(region -> host.dropLog(region.getRegion().getId()));
              store.snapshots().onWritten();
              store.snapshotRegistry().discard(SnapshotRegistry.keyOf(regionId, snapshot));
              host.post(regionId, new PeerCommand.SnapshotInstalled(regionId, peerId));
            }));
  }

  /** Keeps log writes back while a snapshot is being put in place; false when none is. */
  boolean hold(LogAppend append) {
    return installing != null && held.add(append);
  }

  /** The engine holds the snapshot: the log may begin after it. */
  void onInstalled() {
    Snapshot snapshot = installing;
    if (snapshot == null) {
      return;
    }
    installing = null;
    long index = snapshot.getMetadata().getIndex();
    boolean first = true;
    for (LogAppend append : held) {
      peer.host()
          .append(
              first
                  ? new LogAppend(
                      append.regionId(),
                      append.peerId(),
                      append.readyNumber(),
                      index + 1,
                      append.entries(),
                      append.state())
                  : append);
      first = false;
    }
    held.clear();
  }

  /** The log begins after the snapshot, durably: the peer lives on from there. */
  void onDurable(Snapshot snapshot) {
    Region region = SnapshotFiles.dataOf(snapshot).getRegion();
    long index = snapshot.getMetadata().getIndex();
    long term = snapshot.getMetadata().getTerm();
    RegionImage restored = peer.image().with(region);
    peer.storage().restart(index, term, region);
    peer.restart(restored, index, term);
    peer.host()
        .apply(
            new ApplyCommand.Register(
                peer.handle(),
                restored,
                RegionLocalState.newBuilder().setState(PeerState.Normal).setRegion(region).build(),
                index,
                term,
                SnapshotInstaller.applyState(index, term).getTruncatedState()));
  }

  void close() {
    if (built != null) {
      dropBuilt(built);
      built = null;
    }
  }
}
