package io.rutile.pd.meta;

import io.rutile.base.clock.Clock;
import io.rutile.proto.etcdserverpb.CompactionRequest;
import java.util.ArrayDeque;

/**
 * Forgets revisions older than an hour, as PD has its etcd do: until then a watch can resume. Takes
 * a sample of the revision every few minutes and compacts up to the newest that is old enough.
 *
 * <p>Owned by: one thread of the leader, for one leadership. Time is monotonic.
 */
public final class HistoryCompactor {
  private static final long MINUTE_NANOS = 60_000_000_000L;

  /** How long a revision can be read. */
  static final long KEPT_NANOS = 60 * MINUTE_NANOS;

  static final long SAMPLE_NANOS = 5 * MINUTE_NANOS;

  private record Sample(long nanos, long revision) {}

  private final Clock clock;
  private final MetaStore store;
  private final ArrayDeque<Sample> samples = new ArrayDeque<>();

  public HistoryCompactor(Clock clock, MetaStore store) {
    this.clock = clock;
    this.store = store;
  }

  /** Call every now and then. Blocks on the commit when there is something to forget. */
  public void run() {
    long now = clock.monotonicNanos();
    if (samples.isEmpty() || now - samples.getLast().nanos >= SAMPLE_NANOS) {
      samples.add(new Sample(now, store.revision()));
    }
    long revision = 0;
    while (!samples.isEmpty() && now - samples.getFirst().nanos >= KEPT_NANOS) {
      revision = samples.removeFirst().revision;
    }
    if (revision > store.compactRevision()) {
      MetaKv.await(store.compact(CompactionRequest.newBuilder().setRevision(revision).build()));
    }
  }
}
