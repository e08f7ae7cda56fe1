package io.rutile.txn.raw;

import com.google.protobuf.ByteString;
import io.rutile.base.clock.Clock;
import io.rutile.base.clock.Timers;
import io.rutile.base.metric.CompatCounter;
import io.rutile.base.metric.Histogram;
import io.rutile.base.metric.MetricRegistry;
import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineIterator;
import io.rutile.engine.api.ReadOptions;
import io.rutile.proto.kvrpcpb.RawBatchDeleteResponse;
import io.rutile.txn.gate.ReadGuard;
import io.rutile.txn.gate.RegionContext;
import io.rutile.txn.gate.RegionGate;
import io.rutile.txn.gate.RegionSnapshot;
import io.rutile.txn.gc.GcWorker;
import io.rutile.txn.pool.Priority;
import io.rutile.txn.pool.TaskPool;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes expired raw keys of API V1 with TTL, so that they leave the disk; readers do not see them
 * before either. It goes through the regions that this store leads, a batch at a time, and deletes
 * through replication. (API V2 keeps versions: there garbage collection removes what is expired.)
 *
 * <p>TiKV drops such keys in compactions, by a filter that RocksDB's Java API does not take.
 *
 * <p>Threads: each step is a task of the given worker and hands over to the next.
 */
public final class TtlChecker implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TtlChecker.class);
  private static final int BATCH_KEYS = 256;
  private static final int BATCH_SCANNED = 50_000;
  private static final long QUIET_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final ReadOptions SCAN = ReadOptions.DEFAULT.withFillCache(false);

  /**
   * What it works with.
   *
   * @param worker a pool of one thread
   */
  public record Parts(
      RegionGate gate,
      RawService raw,
      GcWorker.LedRegions regions,
      TaskPool worker,
      Clock clock,
      Timers timers,
      MetricRegistry metrics) {}

  private record Batch(List<byte[]> expired, byte @Nullable [] next) {}

  private final Parts parts;
  private final CompatCounter.Child deleted;
  private final Histogram.Child seconds;
  private volatile Duration interval;
  private volatile boolean closed;
  private volatile Timers.Timeout next = () -> false;

  public TtlChecker(Parts parts, Duration interval) {
    this.parts = parts;
    this.interval = interval;
    this.deleted =
        parts
            .metrics()
            .counter("tikv_ttl_checker_actions", "What became of expired keys", "type")
            .labels("delete");
    this.seconds =
        parts
            .metrics()
            .histogram(
                "tikv_ttl_checker_compact_duration",
                "Time to free a region of expired keys",
                Histogram.exponentialBuckets(0.0005, 2.0, 20))
            .labels();
  }

  public void start() {
    later();
  }

  /** Changes how often the regions are gone through. */
  public void setInterval(Duration changed) {
    if (!changed.equals(interval)) {
      interval = changed;
      if (next.cancel()) {
        later();
      }
    }
  }

  private void later() {
    if (!closed) {
      next =
          parts
              .timers()
              .after(
                  interval.toNanos(),
                  () -> {
                    if (!parts.worker().offer(Priority.LOW, this::beginRound)) {
                      later();
                    }
                  });
    }
  }

  private void beginRound() {
    nextRegion(new ArrayDeque<>(parts.regions().led()));
  }

  private void nextRegion(Deque<GcWorker.LedRegion> due) {
    GcWorker.LedRegion region = closed ? null : due.poll();
    if (region == null) {
      later();
    } else {
      new RegionRun(region, due, parts.clock().monotonicNanos()).look(region.start());
    }
  }

  private void resume(Runnable step) {
    parts.worker().resume(Priority.LOW, step);
  }

  /** One region's part of a round. Owned by the task that runs it. */
  private final class RegionRun {
    private final GcWorker.LedRegion region;
    private final Deque<GcWorker.LedRegion> rest;
    private final long startedNanos;

    RegionRun(GcWorker.LedRegion region, Deque<GcWorker.LedRegion> rest, long startedNanos) {
      this.region = region;
      this.rest = rest;
      this.startedNanos = startedNanos;
    }

    void look(byte[] from) {
      parts
          .gate()
          .snapshot(RegionContext.of(region.context()), ReadGuard.LEADER)
          .whenComplete((taken, failure) ->
              resume(() -> {
                if (taken == null) {
                  give(failure);
                } else {
                  collect(taken, from);
                }
              }));
    }

    private void collect(RegionSnapshot taken, byte[] from) {
      Batch batch;
      try (RegionSnapshot snapshot = taken) {
        batch = scan(snapshot, from);
      } catch (RuntimeException e) {
        give(e);
        return;
      }
      if (batch.expired().isEmpty()) {
        advance(batch);
        return;
      }
      Set<ByteString> keys = new HashSet<>();
      batch.expired().forEach(key -> keys.add(ByteString.copyFrom(key)));
      parts.raw().expiryFence().hold(keys);
      deleteOnceQuiet(batch);
    }

    private void deleteOnceQuiet(Batch batch) {
      if (!parts.raw().expiryFence().isQuiet()) {
        parts.timers().after(QUIET_POLL_NANOS, () -> resume(() -> deleteOnceQuiet(batch)));
        return;
      }
      CompletionStage<RawBatchDeleteResponse> done =
          parts.raw().deleteExpired(region.context(), batch.expired());
      done.whenComplete((response, failure) -> {
        parts.raw().expiryFence().release();
        resume(() -> {
          if (response == null || response.hasRegionError()) {
            give(failure);
          } else {
            deleted.add(batch.expired().size());
            advance(batch);
          }
        });
      });
    }

    private void advance(Batch batch) {
      byte[] from = batch.next();
      if (from != null && !closed) {
        look(from);
      } else {
        seconds.observeNanos(parts.clock().monotonicNanos() - startedNanos);
        nextRegion(rest);
      }
    }

    /** Leaves the region to the next round. */
    private void give(@Nullable Throwable failure) {
      LOG.debug("expired keys of region {} are left for later", region.context(), failure);
      nextRegion(rest);
    }
  }

  private Batch scan(RegionSnapshot snapshot, byte[] from) {
    List<byte[]> expired = new ArrayList<>();
    long now = TimeUnit.MILLISECONDS.toSeconds(parts.clock().wallMillis());
    int scanned = 0;
    try (EngineIterator rows = snapshot.iterator(Cf.DEFAULT, from, snapshot.endKey(), SCAN)) {
      for (boolean valid = rows.seek(from); valid; valid = rows.next()) {
        byte[] key = rows.key();
        if (expired.size() == BATCH_KEYS || scanned == BATCH_SCANNED) {
          return new Batch(expired, key);
        }
        scanned++;
        if (RawFormat.expired(RawFormatV1Ttl.expireSecondsOf(rows.value()), now)) {
          expired.add(key);
        }
      }
    }
    return new Batch(expired, null);
  }

  /** Ends the round after the batch that is under way. */
  @Override
  public void close() {
    closed = true;
    next.cancel();
  }
}
