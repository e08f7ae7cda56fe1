package io.rutile.store.loop;

import io.rutile.base.error.CorruptionException;
import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineIterator;
import io.rutile.engine.api.KvEngine;
import io.rutile.engine.api.RaftLog;
import io.rutile.engine.api.ReadOptions;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.raftserverpb.PeerState;
import io.rutile.proto.raftserverpb.RaftApplyState;
import io.rutile.proto.raftserverpb.RaftLocalState;
import io.rutile.proto.raftserverpb.RaftMessage;
import io.rutile.proto.raftserverpb.RegionLocalState;
import io.rutile.store.meta.InitialStates;
import io.rutile.store.meta.LocalKeys;
import io.rutile.store.meta.LocalRecords;
import io.rutile.store.meta.RegionDirectory;
import io.rutile.store.meta.RegionHandle;
import io.rutile.store.meta.RegionImage;
import io.rutile.store.peer.PeerStart;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads what peers begin with from the engine and the log. Stateless besides these; used by the
 * thread that opens the store and by store loops.
 */
public final class PeerStarts {
  private final long storeId;
  private final KvEngine engine;
  private final RaftLog log;
  private final RegionDirectory directory;

  public PeerStarts(long storeId, KvEngine engine, RaftLog log, RegionDirectory directory) {
    this.storeId = storeId;
    this.engine = engine;
    this.log = log;
    this.directory = directory;
  }

  /** States of all regions that have a living peer here, by region id. */
  public List<RegionLocalState> stored() {
    List<RegionLocalState> states = new ArrayList<>();
    try (EngineIterator it =
        engine.iterator(
            Cf.RAFT,
            LocalKeys.regionStatesStart(),
            LocalKeys.regionStatesEnd(),
            ReadOptions.DEFAULT)) {
      for (it.seekToFirst(); it.valid(); it.next()) {
        RegionLocalState state =
            LocalRecords.parse(
                RegionLocalState.parser(),
                it.value(),
                "the state of region " + LocalKeys.regionOf(it.key()));
        if (state.getState() != PeerState.Tombstone) {
          states.add(state);
        }
      }
    }
    return states;
  }

  /** State of a region that has a living peer here, null when it has none. */
  @Nullable RegionLocalState stored(long regionId) {
    byte[] bytes = engine.get(Cf.RAFT, LocalKeys.regionState(regionId));
    RegionLocalState state =
        bytes == null
            ? null
            : LocalRecords.parse(RegionLocalState.parser(), bytes, "a region state");
    return state == null || state.getState() == PeerState.Tombstone ? null : state;
  }

  /** The start of a peer that was here before, put into the directory. */
  public PeerStart restarted(RegionLocalState state, int loopIndex) {
    Region region = state.getRegion();
    Peer self = peerHere(region);
    RegionHandle handle = new RegionHandle(region.getId(), self.getId(), loopIndex);
    directory.add(handle);
    RegionImage image = new RegionImage(region, self);
    directory.putRange(null, image);
    RaftLocalState raftState = raftState(region.getId());
    return new PeerStart(
        handle,
        image,
        state,
        applyState(region.getId()),
        raftState.hasHardState() ? raftState : InitialStates.raftState(raftState),
        false);
  }

  /** The start of a peer of a region that a split made here. */
  public PeerStart founded(Region region, int loopIndex) {
    Peer self = peerHere(region);
    RegionHandle handle = new RegionHandle(region.getId(), self.getId(), loopIndex);
    directory.add(handle);
    RaftLocalState raftState = raftState(region.getId());
    boolean fresh = !raftState.hasHardState();
    return new PeerStart(
        handle,
        new RegionImage(region, self),
        InitialStates.regionState(region),
        applyState(region.getId()),
        fresh ? InitialStates.raftState(raftState) : raftState,
        fresh);
  }

  /** The start of a peer that a message asks for: it knows nothing until a snapshot comes. */
  public @Nullable PeerStart created(RaftMessage message, int loopIndex) {
    long regionId = message.getRegionId();
    RegionHandle handle = new RegionHandle(regionId, message.getToPeer().getId(), loopIndex);
    if (!directory.add(handle)) {
      return null;
    }
    RaftLocalState raftState = raftState(regionId);
    return new PeerStart(
        handle,
        new RegionImage(Region.newBuilder().setId(regionId).build(), message.getToPeer()),
        RegionLocalState.getDefaultInstance(),
        RaftApplyState.getDefaultInstance(),
        raftState,
        !raftState.hasHardState());
  }

  private Peer peerHere(Region region) {
    for (Peer peer : region.getPeersList()) {
      if (peer.getStoreId() == storeId) {
        return peer;
      }
    }
    throw new CorruptionException(
        "KV:Raftstore:Corruption",
        "region " + region.getId() + " is stored here but has no peer on store " + storeId);
  }

  private RaftApplyState applyState(long regionId) {
    byte[] stored = engine.get(Cf.RAFT, LocalKeys.applyState(regionId));
    if (stored == null) {
      throw new CorruptionException(
          "KV:Raftstore:Corruption", "region " + regionId + " has no apply state");
    }
    return LocalRecords.parse(
        RaftApplyState.parser(), stored, "the apply state of region " + regionId);
  }

  private RaftLocalState raftState(long regionId) {
    byte @Nullable [] stored = log.state(regionId);
    return stored == null
        ? RaftLocalState.getDefaultInstance()
        : LocalRecords.parse(
            RaftLocalState.parser(), stored, "the Raft state of region " + regionId);
  }
}
