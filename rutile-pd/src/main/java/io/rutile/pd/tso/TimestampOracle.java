package io.rutile.pd.tso;

import io.rutile.base.clock.Clock;
import io.rutile.base.error.ErrorCategory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Strictly increasing timestamps: milliseconds in the upper 46 bits, a counter in the lower 18.
 *
 * <p>{@link #allocate} may be called by any thread and takes no lock: one compare-and-set reserves
 * the whole batch. {@link #start}, {@link #stop}, {@link #update} and {@link #reset} move the
 * durable window, one of them at a time.
 *
 * <p>The clock is a hint only. Time follows it forward, never back; when it stands still or jumps
 * back, the counter and then the physical part go on by themselves, within the window. A jump
 * forward is followed only after a window beyond it is durable.
 *
 * <p>Over members: a new leader starts at the bound that the old one saved, hence above all that it
 * gave; and each reservation is followed by a look at the lease of the term in which it was made,
 * so that a timestamp given late cannot follow a greater one given by a new leader.
 */
public final class TimestampOracle {
  /** Bits of the counter. */
  public static final int LOGICAL_BITS = 18;

  /** One more than the greatest counter. */
  public static final long MAX_LOGICAL = 1L << LOGICAL_BITS;

  /** Distance to the bound, in milliseconds, at which a new window is saved. */
  private static final long GUARD_MILLIS = 1;

  /** Answer of {@link #allocate} when the caller should ask again after the next update. */
  public static final long RETRY = 0;

  private final Clock clock;
  private final TimestampWindow window;
  private final long saveIntervalMillis;
  private final ServingLease lease;
  private final ReentrantLock windowLock = new ReentrantLock();

  /** The last timestamp given; only ever grows. */
  private final AtomicLong last = new AtomicLong();

  /** Null while not serving. Written under the window lock. */
  private volatile @Nullable Window serving;

  /** Physical parts given out in {@code term} are below the bound. */
  private record Window(long term, long boundMillis) {}

  /**
   * @param saveIntervalMillis length of a window
   * @param lease whether this member may still serve, asked after each reservation
   */
  public TimestampOracle(
      Clock clock, TimestampWindow window, long saveIntervalMillis, ServingLease lease) {
    this.clock = clock;
    this.window = window;
    this.saveIntervalMillis = saveIntervalMillis;
    this.lease = lease;
  }

  public static long compose(long physicalMillis, long logical) {
    return (physicalMillis << LOGICAL_BITS) + logical;
  }

  public static long physical(long timestamp) {
    return timestamp >>> LOGICAL_BITS;
  }

  public static long logical(long timestamp) {
    return timestamp & (MAX_LOGICAL - 1);
  }

  /** Begins to serve in {@code term} above everything ever served. Blocks on the first window. */
  public void start(long term) {
    windowLock.lock();
    try {
      serving = null;
      long next = Math.max(clock.wallMillis(), window.load() + 1);
      next = Math.max(next, physical(last.get()) + 1);
      long bound = next + saveIntervalMillis;
      window.save(bound);
      last.set(compose(next, 0));
      serving = new Window(term, bound);
    } finally {
      windowLock.unlock();
    }
  }

  /** Stops to serve. */
  public void stop() {
    windowLock.lock();
    try {
      serving = null;
    } finally {
      windowLock.unlock();
    }
  }

  public boolean isServing() {
    return serving != null;
  }

  /**
   * Follows the clock and renews the window when it is nearly used up. Call every few tens of
   * milliseconds. Blocks when it saves; throws what saving throws.
   */
  public void update() {
    windowLock.lock();
    try {
      Window current = serving;
      if (current != null) {
        update(current);
      }
    } finally {
      windowLock.unlock();
    }
  }

  private void update(Window current) {
    long given = last.get();
    long physical = physical(given);
    long now = clock.wallMillis();
    long next;
    if (now - physical > GUARD_MILLIS) {
      next = now;
    } else if (logical(given) > MAX_LOGICAL / 2) {
      next = physical + 1;
    } else {
      next = physical;
    }
    if (current.boundMillis - next <= GUARD_MILLIS) {
      extend(current.term, next + saveIntervalMillis);
    }
    if (next > physical) {
      advance(compose(next, 0));
    }
  }

  private void extend(long term, long bound) {
    window.save(bound);
    serving = new Window(term, bound);
  }

  private void advance(long target) {
    long current = last.get();
    while (current < target && !last.compareAndSet(current, target)) {
      current = last.get();
    }
  }

  /**
   * Moves time forward on an administrator's word.
   *
   * @param maxGapMillis how far ahead of the clock it may go
   * @throws TsoException when the timestamp is not above the present one or too far ahead
   */
  public void reset(long timestamp, long maxGapMillis) {
    if (timestamp <= last.get()) {
      throw new TsoException(
          ErrorCategory.CALLER, "the specified ts " + timestamp + " is smaller than now");
    }
    if (physical(timestamp) - clock.wallMillis() > maxGapMillis) {
      throw new TsoException(
          ErrorCategory.CALLER, "the specified ts " + timestamp + " is larger than now");
    }
    windowLock.lock();
    try {
      Window now = serving;
      if (now == null) {
        throw notLeader();
      }
      long bound = physical(timestamp) + saveIntervalMillis;
      if (bound > now.boundMillis) {
        extend(now.term, bound);
      }
      advance(timestamp);
    } finally {
      windowLock.unlock();
    }
  }

  /**
   * Reserves {@code count} consecutive timestamps and gives the last of them, or {@link #RETRY}
   * when the window is used up until the updater has run.
   *
   * @throws TsoException when this member does not serve, or count is out of range
   */
  public long allocate(long count) {
    if (count <= 0) {
      throw new TsoException(ErrorCategory.CALLER, "tso count should be positive");
    }
    if (count >= MAX_LOGICAL) {
      throw new TsoException(
          ErrorCategory.CALLER, "tso count should be below " + MAX_LOGICAL + ", but is " + count);
    }
    while (true) {
      Window now = serving;
      if (now == null) {
        throw notLeader();
      }
      long current = last.get();
      long next = current + count;
      if (physical(next) != physical(current)) {
        next = compose(physical(current) + 1, count);
      }
      if (physical(next) >= now.boundMillis) {
        return RETRY;
      }
      if (last.compareAndSet(current, next)) {
        if (!lease.isValid(now.term)) {
          throw notLeader();
        }
        return next;
      }
    }
  }

  /** The last timestamp given. */
  public long current() {
    return last.get();
  }

  private static TsoException notLeader() {
    return new TsoException(
        ErrorCategory.RETRY_ELSEWHERE,
        "generate timestamp failed, requested pd is not leader of cluster, not leader anymore");
  }
}
