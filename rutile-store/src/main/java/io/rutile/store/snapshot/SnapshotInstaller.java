package io.rutile.store.snapshot;

import io.rutile.engine.api.Cf;
import io.rutile.engine.api.KvEngine;
import io.rutile.engine.api.WriteBatch;
import io.rutile.proto.eraftpb.Snapshot;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.raftserverpb.MergeState;
import io.rutile.proto.raftserverpb.PeerState;
import io.rutile.proto.raftserverpb.RaftApplyState;
import io.rutile.proto.raftserverpb.RaftTruncatedState;
import io.rutile.proto.raftserverpb.RegionLocalState;
import io.rutile.store.meta.DataKeys;
import io.rutile.store.meta.LocalKeys;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Replaces a region's data by a received snapshot.
 *
 * <p>First the state "applying" with the snapshot's index is made durable; from then on the region
 * can only go forward: after a crash at any later point the same steps are done again from the
 * files, which are removed last. Stateless.
 */
public final class SnapshotInstaller {
  private SnapshotInstaller() {}

  /** The apply state of a region restored from a snapshot at {@code index}. */
  public static RaftApplyState applyState(long index, long term) {
    return RaftApplyState.newBuilder()
        .setAppliedIndex(index)
        .setCommitIndex(index)
        .setCommitTerm(term)
        .setTruncatedState(RaftTruncatedState.newBuilder().setIndex(index).setTerm(term))
        .build();
  }

  /**
   * Does all of it; blocks on the disk.
   *
   * @param gone regions that were merged into this one, which their peers here missed; the write
   *     that marks the region makes tombstones of them
   */
  public static void install(
      KvEngine engine, Path directory, Snapshot snapshot, List<RegionLocalState> gone) {
    Region region = SnapshotFiles.dataOf(snapshot).getRegion();
    long index = snapshot.getMetadata().getIndex();
    long term = snapshot.getMetadata().getTerm();
    try (WriteBatch batch = engine.newWriteBatch()) {
      putState(batch, region, PeerState.Applying);
      batch.put(
          Cf.RAFT, LocalKeys.applyState(region.getId()), applyState(index, term).toByteArray());
      for (RegionLocalState merged : gone) {
        putMerged(batch, merged.getRegion(), region);
      }
      engine.write(batch, true);
    }
    resume(engine, directory, region, index, term);
  }

  /** The steps after the region is marked, which may have been done before in part. */
  public static void resume(KvEngine engine, Path directory, Region region, long index, long term) {
    String key = SnapshotFiles.key(region.getId(), term, index);
    clear(engine, region);
    for (Cf cf : Cf.data()) {
      Path file = SnapshotFiles.file(directory, SnapshotFiles.Kind.INCOMING, key, cf);
      if (Files.exists(file)) {
        engine.ingest(cf, List.of(file), false);
      }
    }
    try (WriteBatch batch = engine.newWriteBatch()) {
      putState(batch, region, PeerState.Normal);
      engine.write(batch, true);
    }
    SnapshotFiles.delete(directory, SnapshotFiles.Kind.INCOMING, key);
  }

  private static void clear(KvEngine engine, Region region) {
    byte[] start = DataKeys.of(region.getStartKey().toByteArray());
    byte[] end = DataKeys.endOf(region.getEndKey().toByteArray());
    try (WriteBatch batch = engine.newWriteBatch()) {
      for (Cf cf : Cf.data()) {
        batch.deleteRange(cf, start, end);
      }
      engine.write(batch, true);
    }
  }

  private static void putMerged(WriteBatch batch, Region merged, Region into) {
    batch.put(
        Cf.RAFT,
        LocalKeys.regionState(merged.getId()),
        RegionLocalState.newBuilder()
            .setState(PeerState.Tombstone)
            .setRegion(merged)
            .setMergeState(MergeState.newBuilder().setTarget(into))
            .build()
            .toByteArray());
    batch.delete(Cf.RAFT, LocalKeys.applyState(merged.getId()));
  }

  private static void putState(WriteBatch batch, Region region, PeerState state) {
    batch.put(
        Cf.RAFT,
        LocalKeys.regionState(region.getId()),
        RegionLocalState.newBuilder().setState(state).setRegion(region).build().toByteArray());
  }
}
