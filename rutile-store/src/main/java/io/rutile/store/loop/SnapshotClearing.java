package io.rutile.store.loop;

import io.rutile.proto.metapb.Region;
import io.rutile.proto.raftserverpb.RaftMessage;
import io.rutile.proto.raftserverpb.RegionLocalState;
import io.rutile.store.meta.RegionImage;
import io.rutile.store.snapshot.SnapshotFiles;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Snapshots that cover regions which this store still has, because it missed their merge. Owned by:
 * its store loop.
 *
 * <p>Such a region is asked to give way, on the loop that owns it: it does when it is known to have
 * been merged, and then stops without touching its data. Once all have, the snapshot is installed,
 * and the same write makes tombstones of them. Until then the peer that waits for the snapshot
 * stands still, so that it cannot in the meantime come to need one of them for a merge of its own.
 */
final class SnapshotClearing {
  /** One snapshot that waits. */
  static final class Wait {
    final RaftMessage message;
    final List<RegionLocalState> gone = new ArrayList<>();
    private final Set<Long> open = new HashSet<>();
    private boolean refused;

    private Wait(RaftMessage message) {
      this.message = message;
    }

    /** Whether every region has given way. */
    boolean isCleared() {
      return !refused;
    }
  }

  private final Map<Long, Wait> waits = new HashMap<>();

  /** Whether a region of that range and version may lie below the snapshot at all. */
  static boolean covers(Region snapshot, RegionImage other) {
    Region region = other.region();
    boolean below = region.getRegionEpoch().getVersion() < snapshot.getRegionEpoch().getVersion();
    RegionImage whole = new RegionImage(snapshot, other.self());
    return below
        && (whole.contains(other.start()) || whole.start().length == 0)
        && whole.containsEnd(other.end());
  }

  /**
   * Asks the regions to give way.
   *
   * @param ask sends the question to the loop that owns the region
   * @param own where the answers go
   */
  void begin(
      RaftMessage message,
      List<RegionImage> others,
      Consumer<PeerCommand.GiveWay> ask,
      Mailbox<StoreCommand> own) {
    long target = message.getRegionId();
    Region region = SnapshotFiles.dataOf(message.getMessage().getSnapshot()).getRegion();
    Wait wait = new Wait(message);
    waits.put(target, wait);
    others.forEach(other -> wait.open.add(other.id()));
    for (RegionImage other : others) {
      ask.accept(
          new PeerCommand.GiveWay(
              other.id(),
              region,
              state -> own.offer(new StoreCommand.GaveWay(target, other.id(), state))));
    }
  }

  /** Takes an answer; returns the snapshot when it was the last one. */
  @Nullable Wait onAnswer(StoreCommand.GaveWay answer) {
    Wait wait = waits.get(answer.regionId());
    if (wait == null || !wait.open.remove(answer.sourceId())) {
      return null;
    }
    RegionLocalState state = answer.state();
    if (state == null) {
      wait.refused = true;
    } else {
      wait.gone.add(state);
    }
    if (!wait.open.isEmpty()) {
      return null;
    }
    waits.remove(answer.regionId());
    return wait;
  }
}
