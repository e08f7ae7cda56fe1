package io.rutile.store.meta;

import io.rutile.store.read.ReadView;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What other threads may hold of a peer: where its owner is, and the images that the owner
 * publishes. Written by the peer's store loop and apply worker, read by any thread.
 */
public final class RegionHandle {
  private final long regionId;
  private final long peerId;
  private final int loopIndex;
  private final LongAdder readKeys = new LongAdder();
  private final LongAdder readBytes = new LongAdder();
  private volatile @Nullable ReadView view;
  private volatile long appliedIndex;
  private volatile boolean hibernating;

  public RegionHandle(long regionId, long peerId, int loopIndex) {
    this.regionId = regionId;
    this.peerId = peerId;
    this.loopIndex = loopIndex;
  }

  public long regionId() {
    return regionId;
  }

  public long peerId() {
    return peerId;
  }

  /** Which store loop owns the peer. */
  public int loopIndex() {
    return loopIndex;
  }

  /** The newest image for readers, null while the peer is not initialised. */
  public @Nullable ReadView view() {
    return view;
  }

  /** Owner only. */
  public void publish(@Nullable ReadView image) {
    view = image;
  }

  /**
   * Index of the newest entry whose changes are readable. Published after the engine has them and
   * before their writers hear of it.
   */
  public long appliedIndex() {
    return appliedIndex;
  }

  /** Apply worker only. */
  public void publishApplied(long index) {
    appliedIndex = index;
  }

  /** Whether the peer sleeps because its region is idle; may lag behind by a tick. */
  public boolean hibernating() {
    return hibernating;
  }

  /** Owner only. */
  public void publishHibernating(boolean asleep) {
    hibernating = asleep;
  }

  /** Counts what readers took, for heartbeats. */
  public void addReads(long keys, long bytes) {
    readKeys.add(keys);
    readBytes.add(bytes);
  }

  /** Keys read since the last call. */
  public long takeReadKeys() {
    return readKeys.sumThenReset();
  }

  /** Bytes read since the last call. */
  public long takeReadBytes() {
    return readBytes.sumThenReset();
  }
}
