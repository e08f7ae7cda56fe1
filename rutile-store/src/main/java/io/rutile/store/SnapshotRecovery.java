package io.rutile.store;

import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineIterator;
import io.rutile.engine.api.KvEngine;
import io.rutile.engine.api.RaftLog;
import io.rutile.engine.api.RaftLogBatch;
import io.rutile.engine.api.ReadOptions;
import io.rutile.proto.eraftpb.Entry;
import io.rutile.proto.raftserverpb.PeerState;
import io.rutile.proto.raftserverpb.RaftApplyState;
import io.rutile.proto.raftserverpb.RaftTruncatedState;
import io.rutile.proto.raftserverpb.RegionLocalState;
import io.rutile.store.meta.LocalKeys;
import io.rutile.store.meta.LocalRecords;
import io.rutile.store.snapshot.SnapshotFiles;
import io.rutile.store.snapshot.SnapshotInstaller;
import java.util.ArrayList;
import java.util.List;

/**
 * Finishes what a crash interrupted while snapshots were put in place: data that is half there is
 * installed again from its files, and a log that does not continue from the region's truncation
 * point, because it was to begin anew and had not yet, begins anew. Runs before any peer is loaded.
 */
final class SnapshotRecovery {
  private final StoreOptions options;
  private final KvEngine engine;
  private final RaftLog log;

  SnapshotRecovery(StoreOptions options) {
    this.options = options;
    this.engine = options.engine();
    this.log = options.raftLog();
  }

  void run() {
    RaftLogBatch batch = log.newBatch();
    for (RegionLocalState state : states()) {
      recover(state, batch);
    }
    if (!batch.isEmpty()) {
      log.write(batch, true);
    }
    SnapshotFiles.deleteAllBut(options.snapshotDir(), List.of());
  }

  private void recover(RegionLocalState state, RaftLogBatch batch) {
    long regionId = state.getRegion().getId();
    if (state.getState() == PeerState.Tombstone
        && (log.lastIndex(regionId) > 0 || log.state(regionId) != null)) {
      batch.remove(regionId);
    }
    byte[] stored = engine.get(Cf.RAFT, LocalKeys.applyState(regionId));
    if (state.getState() == PeerState.Tombstone || stored == null) {
      return;
    }
    RaftApplyState applied =
        LocalRecords.parse(
            RaftApplyState.parser(), stored, "the apply state of region " + regionId);
    if (state.getState() == PeerState.Applying) {
      SnapshotInstaller.resume(
          engine,
          options.snapshotDir(),
          state.getRegion(),
          applied.getAppliedIndex(),
          applied.getCommitTerm());
    }
    if (!continues(regionId, applied.getTruncatedState())) {
      batch.reset(regionId, applied.getTruncatedState().getIndex() + 1);
    }
  }

  private boolean continues(long regionId, RaftTruncatedState truncated) {
    long last = log.lastIndex(regionId);
    if (last == 0 || log.firstIndex(regionId) == truncated.getIndex() + 1) {
      return true;
    }
    byte[] entry = log.entry(regionId, truncated.getIndex());
    if (entry == null) {
      return false;
    }
    String what = "entry " + truncated.getIndex() + " of region " + regionId;
    return LocalRecords.parse(Entry.parser(), entry, what).getTerm() == truncated.getTerm();
  }

  private List<RegionLocalState> states() {
    List<RegionLocalState> states = new ArrayList<>();
    try (EngineIterator it =
        engine.iterator(
            Cf.RAFT,
            LocalKeys.regionStatesStart(),
            LocalKeys.regionStatesEnd(),
            ReadOptions.DEFAULT)) {
      for (it.seekToFirst(); it.valid(); it.next()) {
        states.add(
            LocalRecords.parse(
                RegionLocalState.parser(),
                it.value(),
                "the state of region " + LocalKeys.regionOf(it.key())));
      }
    }
    return states;
  }
}
