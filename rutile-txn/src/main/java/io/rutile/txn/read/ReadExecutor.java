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
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
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

  public <R> CompletionStage<R> execute(Read<R> read) {
    CompletableFuture<R> reply = new CompletableFuture<>();
    executeAll(
        List.of(read),
        (index, outcome) -> {
          switch (outcome) {
            case Outcome.Answer<R>(R response) -> reply.complete(response);
            case Outcome.Broken<R>(Throwable cause) -> reply.completeExceptionally(cause);
          }
        });
    return reply;
  }

  /** What came of a read: its response, or the failure of this store. */
  public sealed interface Outcome<R> {
    record Answer<R>(R response) implements Outcome<R> {}

    record Broken<R>(Throwable cause) implements Outcome<R> {}
  }

  /**
   * Runs reads that ask the same region in the same way, on one snapshot in one task. {@code sink}
   * gets the outcome of each read exactly once, with the read's index.
   */
  public <R> void executeAll(List<Read<R>> reads, BiConsumer<Integer, Outcome<R>> sink) {
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
    private final List<Integer> open;
    private final BiConsumer<Integer, Outcome<R>> sink;

    Group(List<Read<R>> reads, BiConsumer<Integer, Outcome<R>> sink) {
      this.reads = reads;
      this.sink = sink;
      this.open = new ArrayList<>(reads.size());
      for (int i = 0; i < reads.size(); i++) {
        open.add(i);
      }
    }

    boolean isEmpty() {
      return open.isEmpty();
    }

    Read<R> first() {
      return reads.get(open.getFirst());
    }

    void beforeSnapshot() {
      open.removeIf(index -> {
        try {
          reads.get(index).beforeSnapshot();
          return false;
        } catch (RuntimeException e) {
          sink.accept(index, outcome(reads.get(index), e));
          return true;
        }
      });
    }

    void read(RegionSnapshot snapshot) {
      PrefetchedSnapshot prefetched = prefetch(snapshot);
      int position = 0;
      for (int index : open) {
        Outcome<R> outcome;
        try {
          if (prefetched != null) {
            prefetched.moveTo(position++);
          }
          outcome =
              new Outcome.Answer<>(
                  reads.get(index).read(prefetched == null ? snapshot : prefetched));
        } catch (RuntimeException e) {
          outcome = outcome(reads.get(index), e);
        }
        sink.accept(index, outcome);
      }
      open.clear();
    }

    /**
     * Looks the keys of all reads up together when there are several in one family and all in the
     * region; otherwise, or when that fails, each read finds its own value or its own error.
     */
    private @Nullable PrefetchedSnapshot prefetch(RegionSnapshot snapshot) {
      if (open.size() < 2) {
        return null;
      }
      List<byte[]> keys = new ArrayList<>(open.size());
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

    void failAll(Throwable failure) {
      for (int index : open) {
        sink.accept(index, outcome(reads.get(index), failure));
      }
      open.clear();
    }

    private static <R> Outcome<R> outcome(Read<R> read, Throwable failure) {
      try {
        return switch (failure) {
          case RegionErrorException e -> new Outcome.Answer<>(read.regionError(e.error()));
          case RutileException e -> new Outcome.Answer<>(read.refused(e));
          default -> new Outcome.Broken<>(failure);
        };
      } catch (RuntimeException e) {
        return new Outcome.Broken<>(e);
      }
    }
  }
}
