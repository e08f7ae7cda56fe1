package io.rutile.txn.gc;

import io.rutile.base.clock.Clock;
import io.rutile.base.clock.Timers;
import io.rutile.base.codec.TimeStamp;
import io.rutile.base.metric.MetricRegistry;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.txn.gate.Applied;
import io.rutile.txn.gate.ReadGuard;
import io.rutile.txn.gate.RegionContext;
import io.rutile.txn.gate.RegionErrorException;
import io.rutile.txn.gate.RegionGate;
import io.rutile.txn.gate.RegionSnapshot;
import io.rutile.txn.gate.WriteBatchData;
import io.rutile.txn.gate.WriteBatchData.DiskFull;
import io.rutile.txn.pool.Priority;
import io.rutile.txn.pool.TaskPool;
import io.rutile.txn.read.ReadExecutor;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes, in the regions that this store leads, what no reader at or above the safe point can see.
 *
 * <p>It asks for the safe point again and again. When that has moved, it goes through the led
 * regions, one batch after the other: a snapshot, a {@link GarbageSweep}, and the removals as an
 * ordinary write through replication, so that all replicas stay alike. The write carries the
 * snapshot's term: it fails when somebody else has led in between. No latches are needed: at or
 * below the safe point no lock is left, so the only writer that touches such a record is a late
 * rollback, whose fence tells readers that the record was collected.
 *
 * <p>A region is left alone when nothing was written to it since it was last walked over and the
 * safe point has not reached the first timestamp at which one of its records becomes garbage: then
 * there is nothing to remove, for certain. A region that could not be finished, because it was
 * split or its leader moved, is tried again at the next poll if this store leads it then.
 *
 * <p>Threads: each step is a task of the given worker, and hands over to the next, so that the
 * state has one owner at a time. Nothing blocks: waiting for replication or for the write limit is
 * a continuation.
 */
public final class GcWorker implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(GcWorker.class);
  private static final long MAX_BATCH_BYTES = 512 << 10;
  private static final long MAX_BATCH_SCANNED = 200_000;

  /** The regions that this store leads now, in any order. */
  @FunctionalInterface
  public interface LedRegions {
    List<LedRegion> led();
  }

  /**
   * A region that this store leads.
   *
   * @param context addresses it
   * @param start encoded first key
   * @param end encoded end, empty for no bound
   * @param appliedIndex versions its data
   */
  public record LedRegion(Context context, byte[] start, byte[] end, long appliedIndex) {
    long id() {
      return context.getRegionId();
    }
  }

  /**
   * What the worker works with.
   *
   * @param worker a pool of one thread
   * @param sweeps kinds of garbage, each looked for in every region
   */
  public record Parts(
      RegionGate gate,
      LedRegions regions,
      SafePoints.Source safePoints,
      List<GarbageSweep> sweeps,
      TaskPool worker,
      Clock clock,
      Timers timers,
      MetricRegistry metrics) {}

  /**
   * What was learnt when a region was last walked over completely.
   *
   * @param unchangedIndex applied index at which this is the whole truth, -1 for none
   * @param dueAt as in {@link GarbageSweep.Batch}
   */
  private record Mark(long safePoint, long unchangedIndex, long dueAt) {}

  private final Parts parts;
  private final WriteLimiter limiter;
  private final GcMetrics metrics;
  private final Map<Long, Mark> marks = new HashMap<>();
  private volatile GcSettings settings;
  private volatile boolean closed;
  private volatile Timers.Timeout nextPoll = () -> false;

  public GcWorker(Parts parts, GcSettings settings) {
    this.parts = parts;
    this.settings = settings;
    this.limiter = new WriteLimiter(settings.maxWriteBytesPerSecond());
    this.metrics = new GcMetrics(parts.metrics());
  }

  /** Begins to watch the safe point. */
  public void start() {
    poll();
  }

  /** Changes what can change while it runs: everything. */
  public void setSettings(GcSettings changed) {
    settings = changed;
    limiter.setBytesPerSecond(changed.maxWriteBytesPerSecond());
  }

  private void poll() {
    parts
        .safePoints()
        .newest()
        .whenComplete((safePoints, failure) -> {
          if (safePoints == null) {
            LOG.debug("the safe point is not known", failure);
            pollLater();
          } else if (!parts.worker().offer(Priority.LOW, () -> beginRound(safePoints))) {
            pollLater();
          }
        });
  }

  private void pollLater() {
    if (!closed) {
      nextPoll = parts.timers().after(settings.pollInterval().toNanos(), this::poll);
    }
  }

  private void beginRound(SafePoints safePoints) {
    metrics.safePoint.set(safePoints.cluster());
    Deque<RegionRun> due = new ArrayDeque<>();
    Set<Long> led = new HashSet<>();
    List<LedRegion> regions = parts.regions().led();
    for (LedRegion region : regions) {
      led.add(region.id());
      long safePoint = safePoints.within(region.start(), region.end());
      if (safePoint != 0 && isDue(region, safePoint)) {
        due.add(new RegionRun(region, safePoint));
      }
    }
    marks.keySet().retainAll(led);
    metrics.processed.set(0);
    metrics.skipped.set(regions.size() - due.size());
    if (due.isEmpty()) {
      pollLater();
      return;
    }
    metrics.working.set(1);
    nextRegion(due);
  }

  private boolean isDue(LedRegion region, long safePoint) {
    Mark mark = marks.get(region.id());
    if (mark == null) {
      return true;
    }
    if (Long.compareUnsigned(safePoint, mark.safePoint()) <= 0) {
      return false;
    }
    return mark.unchangedIndex() != region.appliedIndex()
        || Long.compareUnsigned(safePoint, mark.dueAt()) >= 0;
  }

  private void nextRegion(Deque<RegionRun> due) {
    RegionRun run = closed ? null : due.poll();
    if (run == null) {
      metrics.working.set(0);
      pollLater();
      return;
    }
    metrics.tasks.increment();
    run.begin(due);
  }

  /** One region's part of a round. Owned by the task that runs it. */
  private final class RegionRun {
    private final LedRegion region;
    private final long safePoint;
    private Deque<RegionRun> rest = new ArrayDeque<>();
    private int sweep;
    private byte @Nullable [] from;
    private long firstVersion = -1;
    private boolean wrote;
    private long dueAt = TimeStamp.MAX;
    private long startedNanos;

    RegionRun(LedRegion region, long safePoint) {
      this.region = region;
      this.safePoint = safePoint;
    }

    void begin(Deque<RegionRun> others) {
      rest = others;
      startedNanos = parts.clock().monotonicNanos();
      takeSnapshot();
    }

    private void takeSnapshot() {
      CompletableFuture<RegionSnapshot> taken =
          parts
              .gate()
              .snapshot(RegionContext.of(region.context()), ReadGuard.LEADER)
              .toCompletableFuture();
      taken.whenComplete((snapshot, failure) ->
          parts
              .worker()
              .resume(
                  Priority.LOW,
                  () -> {
                    if (snapshot == null) {
                      fail(failure);
                    } else {
                      look(snapshot);
                    }
                  }));
    }

    private void look(RegionSnapshot taken) {
      GarbageSweep.Batch batch;
      long term;
      try (RegionSnapshot snapshot = taken) {
        if (firstVersion < 0) {
          firstVersion = snapshot.dataVersion();
        }
        term = snapshot.term();
        byte[] begin = from == null ? snapshot.startKey() : from;
        batch = parts.sweeps().get(sweep).next(snapshot, begin, aim());
      } catch (RuntimeException e) {
        fail(e);
        return;
      }
      metrics.scannedRecords.add(batch.scanned());
      if (Long.compareUnsigned(batch.dueAt(), dueAt) < 0) {
        dueAt = batch.dueAt();
      }
      if (batch.modifies().isEmpty()) {
        advance(batch);
        return;
      }
      long wait = limiter.reserve(batch.bytes(), parts.clock().monotonicNanos());
      if (wait <= 0) {
        write(batch, term);
      } else {
        parts
            .timers()
            .after(wait, () -> parts.worker().resume(Priority.LOW, () -> write(batch, term)));
      }
    }

    private GarbageSweep.Aim aim() {
      return new GarbageSweep.Aim(
          safePoint,
          TimeUnit.MILLISECONDS.toSeconds(parts.clock().wallMillis()),
          settings.batchKeys(),
          MAX_BATCH_BYTES,
          MAX_BATCH_SCANNED);
    }

    private void write(GarbageSweep.Batch batch, long term) {
      wrote = true;
      CompletableFuture<Applied> applied =
          parts
              .gate()
              .propose(
                  RegionContext.of(region.context()).withTerm(term),
                  WriteBatchData.of(batch.modifies()).withDiskFull(DiskFull.ALMOST_FULL))
              .toCompletableFuture();
      applied.whenComplete((where, failure) ->
          parts
              .worker()
              .resume(
                  Priority.LOW,
                  () -> {
                    if (failure == null) {
                      metrics.removedRecords.add(batch.removed());
                      advance(batch);
                    } else {
                      fail(failure);
                    }
                  }));
    }

    private void advance(GarbageSweep.Batch batch) {
      from = batch.next();
      if (from == null) {
        sweep++;
      }
      if (closed) {
        nextRegion(rest);
      } else if (sweep < parts.sweeps().size()) {
        takeSnapshot();
      } else {
        finish();
      }
    }

    private void finish() {
      metrics.processed.add(1);
      metrics.regionSeconds.observeNanos(parts.clock().monotonicNanos() - startedNanos);
      marks.put(region.id(), new Mark(safePoint, wrote ? -1 : firstVersion, dueAt));
      nextRegion(rest);
    }

    private void fail(Throwable failure) {
      metrics.failures.increment();
      Throwable cause = ReadExecutor.cause(failure);
      if (cause instanceof RegionErrorException) {
        LOG.debug("garbage of region {} is left for later: {}", region.id(), cause.getMessage());
      } else {
        LOG.warn("garbage of region {} cannot be collected", region.id(), cause);
      }
      nextRegion(rest);
    }
  }

  /** Ends the round after the batch that is under way. */
  @Override
  public void close() {
    closed = true;
    nextPoll.cancel();
  }
}
