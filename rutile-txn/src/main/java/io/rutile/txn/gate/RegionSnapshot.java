package io.rutile.txn.gate;

import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineReader;

/**
 * A frozen view of one region. Keys are encoded keys without the engine's data prefix, and only
 * those in [{@link #startKey()}, {@link #endKey()}) exist: cursors are clamped to the region, and a
 * get outside it throws {@link RegionErrorException} with key_not_in_region. Any thread may read
 * it; whoever took it closes it.
 */
public interface RegionSnapshot extends EngineReader, AutoCloseable {
  long regionId();

  /** Encoded first key, inclusive. */
  byte[] startKey();

  /** Encoded end key, exclusive; empty for no bound. */
  byte[] endKey();

  /** Raft term under which this peer leads (or, on a follower, its current term). */
  long term();

  /** Applied Raft index: changes with every write to the region, so it versions the data. */
  long dataVersion();

  /**
   * Whether max_ts has been synchronised with the oracle since this peer became leader or took in
   * another region.
   */
  boolean maxTsSynced();

  /**
   * Transaction state that lives with the region's leader: in-memory pessimistic locks and the
   * like.
   */
  RegionTxnState txnState();

  /**
   * What a read found out about the newest state of a row in this snapshot, for others that ask
   * {@link RegionGate#hotRows}; see {@link HotRows} for the keys. Neither array may change any
   * more.
   */
  default void keep(Cf cf, byte[] encodedKey, HotRow row) {
    // A snapshot of an engine that keeps no rows.
  }

  /** The start_ts of a flashback that the region is in, 0 when it is in none. */
  default long flashbackStartTs() {
    return 0;
  }

  @Override
  void close();
}
