package io.rutile.pd.meta;

import io.rutile.proto.mvccpb.Event;
import java.util.ArrayList;
import java.util.List;

/**
 * The watches of one member. A watch that starts in the past first gets its past in one go, on the
 * thread that also brings the future, so that nothing is missed or doubled between the two.
 *
 * <p>Owned by: the store's thread.
 */
final class WatchRegistry {
  private record Watch(WatchSpec spec, WatchListener listener) {}

  private final List<Watch> watches = new ArrayList<>();

  /** Registers and replays. */
  void add(WatchSpec spec, WatchListener listener, MvccState state) {
    if (spec.startRevision() > 0 && spec.startRevision() < state.compactRevision()) {
      listener.compacted(state.compactRevision());
      return;
    }
    if (spec.startRevision() > 0 && spec.startRevision() <= state.revision()) {
      for (MvccState.Change change : state.changesSince(spec, spec.startRevision())) {
        deliver(spec, listener, change);
      }
    }
    watches.add(new Watch(spec, listener));
  }

  void remove(WatchListener listener) {
    watches.removeIf(watch -> watch.listener == listener);
  }

  void publish(MvccState.Change change) {
    for (Watch watch : List.copyOf(watches)) {
      if (change.revision() >= watch.spec.startRevision()) {
        deliver(watch.spec, watch.listener, change);
      }
    }
  }

  private static void deliver(WatchSpec spec, WatchListener listener, MvccState.Change change) {
    List<Event> matching = new ArrayList<>();
    for (Event event : change.events()) {
      if (KeyRanges.contains(spec.key(), spec.rangeEnd(), event.getKv().getKey())) {
        matching.add(spec.previousValues() ? event : event.toBuilder().clearPrevKv().build());
      }
    }
    if (!matching.isEmpty()) {
      listener.events(change.revision(), matching);
    }
  }

  /**
   * After the whole state was replaced by a snapshot: watches get what the snapshot holds beyond
   * what they have seen.
   */
  void catchUp(long seenRevision, MvccState state) {
    for (Watch watch : List.copyOf(watches)) {
      long from = Math.max(seenRevision + 1, watch.spec.startRevision());
      if (from < state.compactRevision()) {
        watches.remove(watch);
        watch.listener.compacted(state.compactRevision());
        continue;
      }
      for (MvccState.Change change : state.changesSince(watch.spec, from)) {
        deliver(watch.spec, watch.listener, change);
      }
    }
  }
}
