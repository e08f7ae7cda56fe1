package io.rutile.store.peer;

import io.rutile.raft.core.PeerProgress;
import io.rutile.raft.core.RaftStatus;
import io.rutile.store.RaftstoreConfig;

/**
 * Decides how far a leader's log may be cut. Owned by: store loop.
 *
 * <p>Normally as far as every follower has it; when the log has grown beyond its limits, further,
 * so that a slow follower will need a snapshot instead.
 */
final class LogGc {
  private final RaftstoreConfig.Log config;
  private int skippedTicks;
  private long bytesSinceCut;

  LogGc(RaftstoreConfig.Log config) {
    this.config = config;
  }

  void onAppended(long bytes) {
    bytesSinceCut += bytes;
  }

  void onCut() {
    bytesSinceCut = 0;
  }

  /** The index up to which to cut, inclusive, or 0 to leave the log alone. */
  long cutIndex(RaftStatus status, long firstIndex, long appliedIndex) {
    long replicated = appliedIndex;
    for (PeerProgress progress : status.progress()) {
      replicated = Math.min(replicated, Math.max(progress.match(), progress.pendingSnapshot()));
    }
    long cut;
    if (appliedIndex > firstIndex && appliedIndex - firstIndex >= config.gcCountLimit()
        || bytesSinceCut >= config.gcSizeLimitBytes()) {
      cut = Math.max(firstIndex + (appliedIndex - firstIndex) / 2, replicated);
    } else if (replicated < firstIndex || replicated - firstIndex < config.gcThreshold()) {
      skippedTicks++;
      if (replicated <= firstIndex || skippedTicks < config.reserveMaxTicks()) {
        return 0;
      }
      cut = replicated;
    } else {
      cut = replicated;
    }
    skippedTicks = 0;
    long kept = cut - 1;
    return kept < firstIndex ? 0 : kept;
  }
}
