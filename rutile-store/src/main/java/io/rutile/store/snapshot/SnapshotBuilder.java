package io.rutile.store.snapshot;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import io.rutile.base.error.CorruptionException;
import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineIterator;
import io.rutile.engine.api.EngineSnapshot;
import io.rutile.engine.api.KvEngine;
import io.rutile.engine.api.ReadOptions;
import io.rutile.engine.api.SstWriter;
import io.rutile.proto.eraftpb.ConfState;
import io.rutile.proto.eraftpb.Snapshot;
import io.rutile.proto.eraftpb.SnapshotMetadata;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.raftserverpb.PeerState;
import io.rutile.proto.raftserverpb.RaftApplyState;
import io.rutile.proto.raftserverpb.RaftSnapshotData;
import io.rutile.proto.raftserverpb.RegionLocalState;
import io.rutile.proto.raftserverpb.SnapshotCFFile;
import io.rutile.proto.raftserverpb.SnapshotMeta;
import io.rutile.store.meta.DataKeys;
import io.rutile.store.meta.LocalKeys;
import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Writes the files of a snapshot from an engine snapshot. Data, range and applied index are all
 * read from the same engine snapshot, in which they agree, so nothing has to stand still meanwhile.
 * Runs on a background worker.
 */
public final class SnapshotBuilder {
  private static final long VERSION = 2;

  private SnapshotBuilder() {}

  /**
   * The snapshot of the region as it is applied now.
   *
   * @param confState the configuration that a region's peers make
   * @return null when the region is not in a state to be copied
   */
  public static @Nullable Snapshot build(
      KvEngine engine, Path directory, long regionId, Function<Region, ConfState> confState) {
    try (EngineSnapshot frozen = engine.snapshot()) {
      byte[] stateBytes = frozen.get(Cf.RAFT, LocalKeys.regionState(regionId));
      byte[] applyBytes = frozen.get(Cf.RAFT, LocalKeys.applyState(regionId));
      if (stateBytes == null || applyBytes == null) {
        return null;
      }
      RegionLocalState state = parse(RegionLocalState.parser(), stateBytes);
      RaftApplyState applied = parse(RaftApplyState.parser(), applyBytes);
      if (state.getState() != PeerState.Normal) {
        return null;
      }
      Region region = state.getRegion();
      String key = SnapshotFiles.key(regionId, applied.getCommitTerm(), applied.getAppliedIndex());
      SnapshotMeta.Builder meta = SnapshotMeta.newBuilder();
      long total = 0;
      for (Cf cf : Cf.data()) {
        SnapshotCFFile written = write(engine, frozen, directory, key, cf, region);
        if (written != null) {
          meta.addCfFiles(written);
          total += written.getSize();
        }
      }
      RaftSnapshotData data =
          RaftSnapshotData.newBuilder()
              .setRegion(region)
              .setFileSize(total)
              .setVersion(VERSION)
              .setMeta(meta)
              .build();
      return Snapshot.newBuilder()
          .setData(data.toByteString())
          .setMetadata(
              SnapshotMetadata.newBuilder()
                  .setIndex(applied.getAppliedIndex())
                  .setTerm(applied.getCommitTerm())
                  .setConfState(confState.apply(region)))
          .build();
    }
  }

  private static @Nullable SnapshotCFFile write(
      KvEngine engine, EngineSnapshot frozen, Path directory, String key, Cf cf, Region region) {
    Path file = SnapshotFiles.file(directory, SnapshotFiles.Kind.OUTGOING, key, cf);
    byte[] start = DataKeys.of(region.getStartKey().toByteArray());
    byte[] end = DataKeys.endOf(region.getEndKey().toByteArray());
    try (EngineIterator it =
            frozen.iterator(cf, start, end, ReadOptions.DEFAULT.withFillCache(false));
        SstWriter writer = engine.newSstWriter(cf, file)) {
      it.seekToFirst();
      if (!it.valid()) {
        return null;
      }
      for (; it.valid(); it.next()) {
        writer.put(it.key(), it.value());
      }
      writer.finish();
    }
    return SnapshotFiles.describe(file, cf);
  }

  private static <M> M parse(Parser<M> parser, byte[] bytes) {
    try {
      return parser.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new CorruptionException(
          "KV:Raftstore:Corruption", "a region's state cannot be decoded", e);
    }
  }
}
