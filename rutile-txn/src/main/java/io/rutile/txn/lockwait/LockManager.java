package io.rutile.txn.lockwait;

import com.google.protobuf.ByteString;
import io.rutile.base.clock.Clock;
import io.rutile.base.clock.Timers;
import io.rutile.base.codec.KeyCodec;
import io.rutile.base.metric.Histogram;
import io.rutile.base.metric.MetricRegistry;
import io.rutile.proto.deadlock.DeadlockResponse;
import io.rutile.proto.deadlock.WaitForEntry;
import io.rutile.proto.kvrpcpb.LockInfo;
import io.rutile.proto.kvrpcpb.WriteConflict;
import io.rutile.txn.command.WriteResult.AcquiredLock;
import io.rutile.txn.command.WriteResult.ReleasedLock;
import io.rutile.txn.deadlock.DeadlockDetector;
import io.rutile.txn.error.LockInfos;
import io.rutile.txn.error.TxnError;
import io.rutile.txn.gate.RegionErrorException;
import io.rutile.txn.scheduler.LockEvents;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * The requests of this store that wait for locks: one queue for each key, the oldest transaction
 * first.
 *
 * <p>A release wakes the first waiter. An ordinary one is told of the conflict and will come again
 * with a newer timestamp; so that its comrades need not each wait for a release of their own, they
 * are all told after a short delay, up to the first that is to be run again. A waiter that is to be
 * run again takes the lock itself; should it end without the lock, the next one is woken.
 *
 * <p>Threads: any, under one monitor. Releases that nobody waits for do not take it: a request
 * enters its queue under the latch of its key, and a release comes under that latch too, so the
 * count of waiters that it reads is right for its keys.
 */
public final class LockManager implements LockEvents {
  private static final double[] SECONDS = Histogram.exponentialBuckets(0.0001, 2.0, 20);

  private final DeadlockDetector detector;
  private final Timers timers;
  private final Clock clock;
  private final Histogram.Child lifetimes;
  private final AtomicInteger waiting = new AtomicInteger();
  private final Map<ByteString, KeyQueue> queues = new HashMap<>();
  private volatile Duration waitTimeout;
  private volatile Duration wakeUpDelay;
  private long nextNumber;

  public LockManager(
      DeadlockDetector detector,
      Timers timers,
      Clock clock,
      MetricRegistry metrics,
      Duration waitTimeout,
      Duration wakeUpDelay) {
    this.detector = detector;
    this.timers = timers;
    this.clock = clock;
    this.waitTimeout = waitTimeout;
    this.wakeUpDelay = wakeUpDelay;
    this.lifetimes =
        metrics
            .histogram(
                "tikv_lock_manager_waiter_lifetime_duration",
                "How long requests waited for locks",
                SECONDS)
            .labels();
    metrics
        .gauge("tikv_lock_wait_queue_entries", "Requests that wait for locks")
        .labels()
        .callback(waiting::get);
    detector.onDeadlock(this::onDeadlock);
  }

  /** Changes the times for requests that come from now on. */
  public void setTimes(Duration newWaitTimeout, Duration newWakeUpDelay) {
    waitTimeout = newWaitTimeout;
    wakeUpDelay = newWakeUpDelay;
  }

  /**
   * How long a request waits at most: what it asks for, but not more than the server allows.
   *
   * @param requestedMillis 0 for the server's own time
   */
  long timeoutNanos(long requestedMillis) {
    long server = waitTimeout.toNanos();
    return requestedMillis == 0
        ? server
        : Math.min(server, TimeUnit.MILLISECONDS.toNanos(requestedMillis));
  }

  /** Puts a request into the queue of its key. Called under the key's latch. */
  void await(WaitRequest request, LockInfo lock, long timeoutNanos) {
    Waiter waiter;
    synchronized (this) {
      waiter = new Waiter(request, lock, nextNumber++, clock.monotonicNanos());
      queue(request.encodedKey()).add(waiter);
      waiting.incrementAndGet();
      waiter.timeout = timers.after(timeoutNanos, () -> onTimeout(waiter));
    }
    if (!request.firstLock()) {
      waiter.edges().forEach(detector::detect);
    }
  }

  private KeyQueue queue(byte[] encodedKey) {
    return queues.computeIfAbsent(ByteString.copyFrom(encodedKey), key -> new KeyQueue(encodedKey));
  }

  @Override
  public void onReleased(List<ReleasedLock> released) {
    if (waiting.get() == 0) {
      return;
    }
    List<Runnable> actions = new ArrayList<>();
    synchronized (this) {
      for (ReleasedLock lock : released) {
        wakeHead(lock, actions);
      }
    }
    actions.forEach(Runnable::run);
  }

  private void wakeHead(ReleasedLock lock, List<Runnable> actions) {
    KeyQueue queue = queues.get(ByteString.copyFrom(lock.encodedKey()));
    if (queue == null) {
      return;
    }
    queue.lastRelease = lock;
    queue.lastWakeNanos = clock.monotonicNanos();
    List<Waiter> head = queue.popHead();
    boolean told = wake(queue, head, actions);
    if (queue.isEmpty()) {
      queues.remove(ByteString.copyFrom(lock.encodedKey()));
    } else if (told && !queue.sweepScheduled) {
      queue.sweepScheduled = true;
      scheduleSweep(lock.encodedKey(), wakeUpDelay.toNanos());
    }
  }

  /** Answers or resumes waiters that have left their queue; whether any was told of a conflict. */
  private boolean wake(KeyQueue queue, List<Waiter> woken, List<Runnable> actions) {
    boolean told = false;
    ReleasedLock release = queue.lastRelease;
    for (Waiter waiter : woken) {
      finish(waiter, actions);
      WaitRequest request = waiter.request;
      if (request.resumable()) {
        actions.add(() -> request.answers().resume(() -> onReleased(List.of(release))));
      } else {
        told = true;
        actions.add(() -> request.answers().refuse(conflict(request, release)));
      }
    }
    return told;
  }

  private static TxnError conflict(WaitRequest request, ReleasedLock release) {
    return new TxnError.Conflict(
        request.startTs(),
        release.startTs(),
        release.commitTs(),
        request.rawKey(),
        request.primary(),
        WriteConflict.Reason.PessimisticRetry);
  }

  private void scheduleSweep(byte[] encodedKey, long delayNanos) {
    timers.after(delayNanos, () -> sweep(encodedKey));
  }

  /** Wakes those that stayed, unless a release in the meantime has begun a new delay. */
  private void sweep(byte[] encodedKey) {
    List<Runnable> actions = new ArrayList<>();
    synchronized (this) {
      ByteString key = ByteString.copyFrom(encodedKey);
      KeyQueue queue = queues.get(key);
      if (queue == null || !queue.sweepScheduled) {
        return;
      }
      long left = queue.lastWakeNanos + wakeUpDelay.toNanos() - clock.monotonicNanos();
      if (left > 0) {
        scheduleSweep(encodedKey, left);
        return;
      }
      queue.sweepScheduled = false;
      wake(queue, queue.popSweep(), actions);
      if (queue.isEmpty()) {
        queues.remove(key);
      }
    }
    actions.forEach(Runnable::run);
  }

  @Override
  public void onAcquired(List<AcquiredLock> acquired) {
    if (waiting.get() == 0) {
      return;
    }
    List<WaitForEntry> gone = new ArrayList<>();
    List<WaitForEntry> fresh = new ArrayList<>();
    synchronized (this) {
      for (AcquiredLock lock : acquired) {
        KeyQueue queue = queues.get(ByteString.copyFrom(lock.encodedKey()));
        if (queue != null) {
          update(queue, lock, gone, fresh);
        }
      }
    }
    gone.forEach(detector::cleanUpWaitFor);
    fresh.forEach(detector::detect);
  }

  private void update(
      KeyQueue queue, AcquiredLock lock, List<WaitForEntry> gone, List<WaitForEntry> fresh) {
    for (Waiter waiter : queue.all()) {
      boolean detected = !waiter.request.firstLock();
      if (detected) {
        gone.addAll(waiter.edges());
      }
      waiter.lock = LockInfos.of(waiter.request.rawKey(), lock.lock());
      waiter.lockUpdated = true;
      waiter.lockUpdatedNanos = clock.monotonicNanos();
      if (detected) {
        fresh.addAll(waiter.edges());
      }
    }
  }

  private void onTimeout(Waiter waiter) {
    remove(
        waiter,
        () -> {
          LockInfo lock = waiter.lock;
          if (waiter.lockUpdated) {
            long nanos = clock.monotonicNanos() - waiter.lockUpdatedNanos;
            long millis = Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos));
            lock = lock.toBuilder().setDurationToLastUpdateMs(millis).build();
          }
          waiter.request.answers().refuse(new TxnError.KeyIsLocked(lock));
        });
  }

  private void onDeadlock(DeadlockResponse found) {
    WaitForEntry wait = found.getEntry();
    List<Waiter> refused = new ArrayList<>();
    synchronized (this) {
      byte[] encodedKey = KeyCodec.encode(wait.getKey().toByteArray());
      KeyQueue queue = queues.get(ByteString.copyFrom(encodedKey));
      if (queue == null) {
        return;
      }
      for (Waiter waiter : queue.all()) {
        if (waiter.request.startTs() == wait.getTxn()) {
          refused.add(waiter);
        }
      }
    }
    List<WaitForEntry> chain = new ArrayList<>(found.getWaitChainList());
    chain.add(wait);
    for (Waiter waiter : refused) {
      TxnError error =
          new TxnError.Deadlock(
              wait.getTxn(),
              wait.getWaitForTxn(),
              waiter.request.rawKey(),
              found.getDeadlockKeyHash(),
              chain);
      remove(waiter, () -> waiter.request.answers().refuse(error));
    }
  }

  /** Answers the waiters of a region that this store no longer leads. */
  public void cancelRegion(long regionId, RegionErrorException reason) {
    List<Waiter> cancelled = new ArrayList<>();
    synchronized (this) {
      for (KeyQueue queue : queues.values()) {
        queue.all().stream()
            .filter(waiter -> waiter.request.regionId() == regionId)
            .forEach(cancelled::add);
      }
    }
    for (Waiter waiter : cancelled) {
      remove(waiter, () -> waiter.request.answers().refuse(reason));
    }
  }

  /** Takes a waiter out of its queue and answers it, if nobody else has. */
  private void remove(Waiter waiter, Runnable answer) {
    List<Runnable> actions = new ArrayList<>();
    synchronized (this) {
      if (waiter.done) {
        return;
      }
      ByteString key = ByteString.copyFrom(waiter.request.encodedKey());
      KeyQueue queue = queues.get(key);
      if (queue != null) {
        queue.remove(waiter);
        if (queue.isEmpty()) {
          queues.remove(key);
        }
      }
      finish(waiter, actions);
      actions.add(answer);
    }
    actions.forEach(Runnable::run);
  }

  private void finish(Waiter waiter, List<Runnable> actions) {
    waiter.done = true;
    waiter.timeout.cancel();
    waiting.decrementAndGet();
    lifetimes.observeNanos(clock.monotonicNanos() - waiter.sinceNanos);
    if (!waiter.request.firstLock()) {
      List<WaitForEntry> edges = waiter.edges();
      actions.add(() -> edges.forEach(detector::cleanUpWaitFor));
    }
  }

  /** Every wait of this store as it stands, for people to look at. */
  public List<WaitForEntry> waits() {
    List<WaitForEntry> waits = new ArrayList<>();
    forEachWaiter(waiter -> {
      long nanos = clock.monotonicNanos() - waiter.sinceNanos;
      for (WaitForEntry edge : waiter.edges()) {
        waits.add(edge.toBuilder().setWaitTime(TimeUnit.NANOSECONDS.toMillis(nanos)).build());
      }
    });
    return waits;
  }

  private synchronized void forEachWaiter(Consumer<Waiter> visitor) {
    queues.values().forEach(queue -> queue.all().forEach(visitor));
  }
}
