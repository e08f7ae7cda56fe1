package io.rutile.pd.meta;

import io.rutile.proto.mvccpb.Event;
import java.util.List;

/**
 * Receives events in revision order, all events of one revision in one call. Called on the store's
 * thread: must not block.
 */
public interface WatchListener {
  void events(long revision, List<Event> events);

  /** The start revision is compacted: nothing follows. */
  void compacted(long compactRevision);
}
