package io.rutile.store.loop;

import io.rutile.engine.api.Cf;
import io.rutile.engine.api.KvEngine;
import io.rutile.engine.api.WriteBatch;
import io.rutile.proto.raftserverpb.PeerState;
import io.rutile.proto.raftserverpb.RegionLocalState;
import io.rutile.store.meta.DataKeys;
import io.rutile.store.meta.LocalKeys;
import io.rutile.store.meta.RegionImage;

/**
 * Removes a peer's data and leaves a tombstone, which tells late messages from those for a peer
 * that was added anew. Durable before the peer's log goes, so that a crash in between finds either
 * the whole peer or the tombstone. Runs on the apply worker. Stateless.
 */
final class PeerBurial {
  private PeerBurial() {}

  static void bury(KvEngine engine, RegionImage image) {
    if (!image.initialized()) {
      return;
    }
    byte[] start = DataKeys.of(image.start());
    byte[] end = DataKeys.endOf(image.end());
    try (WriteBatch batch = engine.newWriteBatch()) {
      for (Cf cf : Cf.data()) {
        batch.deleteRange(cf, start, end);
      }
      batch.delete(Cf.RAFT, LocalKeys.applyState(image.id()));
      batch.put(
          Cf.RAFT,
          LocalKeys.regionState(image.id()),
          RegionLocalState.newBuilder()
              .setState(PeerState.Tombstone)
              .setRegion(image.region())
              .build()
              .toByteArray());
      engine.write(batch, true);
    }
  }
}
