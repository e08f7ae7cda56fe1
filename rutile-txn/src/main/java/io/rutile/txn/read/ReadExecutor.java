package io.rutile.txn.read;

import io.rutile.base.bytes.Bytes;
import io.rutile.base.clock.Clock;
import io.rutile.base.error.RutileException;
import io.rutile.engine.api.Cf;
import io.rutile.proto.errorpb.ServerIsBusy;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.txn.gate.RegionContext;
import io.rutile.txn.gate.RegionErrorException;
import io.rutile.txn.gate.RegionErrors;
import io.rutile.txn.gate.RegionGate;
import io.rutile.txn.gate.RegionSnapshot;
import io.rutile.txn.pool.Priority;
import io.rutile.txn.pool.TaskPool;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Runs reads on the read pool. While the leader's lease is valid the whole read is one task on one
 * thread: checks before the snapshot, the snapshot, the read, the response. When the snapshot has
 * to be waited for (read index, a follower that lags), the thread goes on with other tasks and the
 * read resumes as a task of its own.
 *
 * <p>Threads: any may start reads; responses complete on the pool's threads, refusals for lack of
 * room on the calling thread.
 */
public final class ReadExecutor {
  private static final int[] NONE = {};
  private static final long DEFAULT_DEADLINE_NANOS = TimeUnit.HOURS.toNanos(24);

  private final RegionGate gate;
  private final TaskPool pool;
  private final Clock clock;

  public ReadExecutor(RegionGate gate, TaskPool pool, Clock clock) {
    this.gate = gate;
    this.pool = pool;
    this.clock = clock;
  }

  /** The request's region context with its deadline set by this machine's clock. */
  public static RegionContext withDeadline(Context context, Clock clock) {
    long millis = context.getMaxExecutionDurationMs();
    long nanos =
        millis == 0 || millis < 0 || millis > TimeUnit.NANOSECONDS.toMillis(DEFAULT_DEADLINE_NANOS)
            ? DEFAULT_DEADLINE_NANOS
            : TimeUnit.MILLISECONDS.toNanos(millis);
    return RegionContext.of(context).withDeadlineNanos(clock.monotonicNanos() + nanos);
  }

  /** Whether the deadline of {@code context} has passed. */
  public static boolean expired(RegionContext context, Clock clock) {
    return context.deadlineNanos() != Long.MAX_VALUE
        && clock.monotonicNanos() - context.deadlineNanos() >= 0;
  }

  /**
   * Takes the outcomes of reads that were handed over together. Called by one thread at a time,
   * which need not be always the same.
   */
  public interface Sink<R> {
    /** The read of that position is answered. */
    void answered(int index, R response);

    /** The read of that position failed because this store is broken. */
    void broken(int index, Throwable cause);

    /** No further outcome comes for a while, or at all: what came so far can be handed on. */
    void settled();
  }

  public <R> CompletionStage<R> execute(Read<R> read) {
    CompletableFuture<R> reply = new CompletableFuture<>();
    executeAll(
        List.of(read),
        new Sink<>() {
          @Override
          public void answered(int index, R response) {
            reply.complete(response);
          }

          @Override
          public void broken(int index, Throwable cause) {
            reply.completeExceptionally(cause);
          }

          @Override
          public void settled() {
            // There was but one.
          }
        });
    return reply;
  }

  /**
   * Runs reads that ask the same region in the same way, on one snapshot in one task. {@code sink}
   * gets the outcome of each read exactly once.
   */
  public <R> void executeAll(List<Read<R>> reads, Sink<R> sink) {
    Group<R> group = new Group<>(reads, sink);
    Context context = reads.getFirst().context();
    RegionContext regionContext = withDeadline(context, clock);
    Priority priority = Priority.of(context.getPriority());
    RegionErrorException busy = refusal(context);
    if (busy == null && !pool.offer(priority, () -> start(group, regionContext, priority))) {
      busy = RegionErrors.serverIsBusy("scheduler is busy");
    }
    if (busy != null) {
      group.failAll(busy);
    }
  }

  private @Nullable RegionErrorException refusal(Context context) {
    int thresholdMillis = context.getBusyThresholdMs();
    if (thresholdMillis == 0) {
      return null;
    }
    long waitMillis = TimeUnit.NANOSECONDS.toMillis(pool.estimatedWaitNanos());
    if (waitMillis <= Integer.toUnsignedLong(thresholdMillis)) {
      return null;
    }
    return RegionErrors.serverIsBusy(
        ServerIsBusy.newBuilder()
            .setReason("estimated wait time exceeds threshold")
            .setEstimatedWaitMs((int) Math.min(waitMillis, Integer.MAX_VALUE))
            .build());
  }

  private <R> void start(Group<R> group, RegionContext context, Priority priority) {
    if (expired(context, clock)) {
      group.failAll(RegionErrors.deadlineExceeded());
      return;
    }
    group.beforeSnapshot();
    if (group.isEmpty()) {
      return;
    }
    CompletableFuture<RegionSnapshot> snapshot =
        gate.snapshot(context, group.first().guard()).toCompletableFuture();
    if (snapshot.isDone()) {
      finish(group, context, snapshot);
    } else {
      group.settled();
      snapshot.whenComplete(
          (taken, failure) -> pool.resume(priority, () -> finish(group, context, snapshot)));
    }
  }

  private <R> void finish(
      Group<R> group, RegionContext context, CompletableFuture<RegionSnapshot> taken) {
    try (RegionSnapshot snapshot = taken.join()) {
      if (expired(context, clock)) {
        group.failAll(RegionErrors.deadlineExceeded());
      } else {
        group.read(snapshot);
      }
    } catch (CompletionException e) {
      group.failAll(cause(e));
    }
  }

  /** The failure inside the wrapping that stages add. */
  public static Throwable cause(Throwable failure) {
    Throwable cause = failure.getCause();
    return failure instanceof CompletionException && cause != null ? cause : failure;
  }

  /** The reads of one task that are not answered yet. Owned by the thread that runs the task. */
  private static final class Group<R> {
    private final List<Read<R>> reads;
    private final Sink<R> sink;

    /** Positions of the reads that are open, in order. */
    private int[] open;

    Group(List<Read<R>> reads, Sink<R> sink) {
      this.reads = reads;
      this.sink = sink;
      this.open = new int[reads.size()];
      for (int i = 0; i < open.length; i++) {
        open[i] = i;
      }
    }

    boolean isEmpty() {
      return open.length == 0;
    }

    Read<R> first() {
      return reads.get(open[0]);
    }

    void beforeSnapshot() {
      int kept = 0;
      for (int index : open) {
        try {
          reads.get(index).beforeSnapshot();
          open[kept++] = index;
        } catch (RuntimeException e) {
          refuse(index, e);
        }
      }
      if (kept < open.length) {
        open = Arrays.copyOf(open, kept);
        if (kept == 0) {
          sink.settled();
        }
      }
    }

    void read(RegionSnapshot snapshot) {
      PrefetchedSnapshot prefetched = prefetch(snapshot);
      for (int position = 0; position < open.length; position++) {
        int index = open[position];
        R response;
        try {
          if (prefetched != null) {
            prefetched.moveTo(position);
          }
          response = reads.get(index).read(prefetched == null ? snapshot : prefetched);
        } catch (RuntimeException e) {
          refuse(index, e);
          continue;
        }
        sink.answered(index, response);
      }
      end();
    }

    /**
     * Looks the keys of all reads up together when there are several in one family and all in the
     * region; otherwise, or when that fails, each read finds its own value or its own error.
     */
    private @Nullable PrefetchedSnapshot prefetch(RegionSnapshot snapshot) {
      if (open.length < 2) {
        return null;
      }
      List<byte[]> keys = new ArrayList<>(open.length);
      Cf cf = null;
      for (int index : open) {
        Read.PointKey point = reads.get(index).pointKey();
        if (point == null
            || (cf != null && cf != point.cf())
            || !Bytes.inRange(point.key(), snapshot.startKey(), snapshot.endKey())) {
          return null;
        }
        cf = point.cf();
        keys.add(point.key());
      }
      try {
        return cf == null ? null : new PrefetchedSnapshot(snapshot, cf, keys);
      } catch (RutileException e) {
        return null;
      }
    }

    /** What was answered so far need not wait for the rest. */
    void settled() {
      sink.settled();
    }

    void failAll(Throwable failure) {
      for (int index : open) {
        refuse(index, failure);
      }
      end();
    }

    private void end() {
      open = NONE;
      sink.settled();
    }

    private void refuse(int index, Throwable failure) {
      Read<R> read = reads.get(index);
      R response;
      try {
        switch (failure) {
          case RegionErrorException e -> response = read.regionError(e.error());
          case RutileException e -> response = read.refused(e);
          default -> {
            sink.broken(index, failure);
            return;
          }
        }
      } catch (RuntimeException e) {
        sink.broken(index, e);
        return;
      }
      sink.answered(index, response);
    }
  }
}
