package io.rutile.store;

import io.rutile.proto.metapb.Region;
import io.rutile.proto.metapb.RegionEpoch;
import io.rutile.proto.raftserverpb.RaftMessage;
import io.rutile.store.read.ReadProgress;
import io.rutile.store.snapshot.SnapshotSink;
import io.rutile.txn.gate.RegionGate;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * One store: its regions, and the peers of them that live here. Safe for use by any thread; nothing
 * but {@link #close()} blocks.
 */
public interface Store extends RegionGate, AutoCloseable {
  /**
   * Opens a store on its data: makes itself known to the placement driver, founds the cluster when
   * nobody has, and starts its threads. Blocks until that is done.
   *
   * @throws StoreRefusedException when the data belongs to another cluster or API version, or the
   *     store was removed
   */
  static Store open(StoreOptions options) {
    StoreAssembly assembly = StoreAssembly.of(options);
    assembly.agents().start();
    return assembly.store();
  }

  long storeId();

  long clusterId();

  /** A Raft message from another store. May be dropped: Raft sends again. */
  void onRaftMessage(RaftMessage message);

  /**
   * Begins to receive a snapshot whose first chunk carries {@code head}.
   *
   * @throws io.rutile.base.error.RutileException when the store refuses it, with the reason
   */
  SnapshotSink receiveSnapshot(RaftMessage head);

  /** The other side of a link could not be reached. */
  void onStoreUnreachable(long storeId);

  /**
   * Splits a region at {@code splitKeys} (encoded, ascending, strictly inside the region). The
   * stage completes with all resulting regions in key order once this store has applied the split;
   * it fails with a region error.
   */
  CompletionStage<List<Region>> splitRegion(
      long regionId, RegionEpoch epoch, List<byte[]> splitKeys);

  /** What is known of a region whose peer lives here. */
  Optional<RegionStatus> region(long regionId);

  /** Every initialised region of this store, in key order. */
  List<RegionStatus> regions();

  /** Safe timestamps of this store's peers. */
  ReadProgress readProgress();

  /** Whether the first failure has stopped the store; its text, or empty while it is healthy. */
  Optional<String> failure();

  @Override
  void close();
}
