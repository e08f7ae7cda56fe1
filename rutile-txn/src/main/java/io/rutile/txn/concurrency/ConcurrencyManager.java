package io.rutile.txn.concurrency;

import io.rutile.base.bytes.Bytes;
import io.rutile.base.clock.Clock;
import io.rutile.base.codec.TimeStamp;
import io.rutile.txn.command.ConcurrencyView;
import io.rutile.txn.record.Lock;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The store's {@link ConcurrencyView}: max_ts as one atomic, memory locks in a concurrent ordered
 * table.
 *
 * <p>Why the order of steps matters. A reader raises max_ts, then looks into the table, then takes
 * its snapshot. A writer enters the table, then, under the slot's monitor, reads max_ts and
 * publishes its lock with a commit timestamp above that, then writes, and leaves the table only
 * after the write is applied. Whichever way the steps interleave, the reader finds the lock (in the
 * table or in its snapshot), or it raised max_ts before the writer read it, and then the commit
 * lies above the read. A reader that does not find the slot was there before the writer entered;
 * the fences make that so although the table itself orders less.
 *
 * <p>The latch of a key keeps two writers from being in its slot at a time; a slot counts handles,
 * so that one command may name a key twice.
 */
public final class ConcurrencyManager implements ConcurrencyView {
  private final AtomicLong maxTs;
  private final ConcurrentNavigableMap<byte[], Slot> table =
      new ConcurrentSkipListMap<>(Bytes.ORDER);
  private final MaxTsLimit limit;

  /**
   * @param initialMaxTs a timestamp of the oracle, or 0
   * @param maxDrift how far a timestamp may lie above what the oracle can have given out
   */
  public ConcurrencyManager(long initialMaxTs, Clock clock, Duration maxDrift) {
    this.maxTs = new AtomicLong(initialMaxTs);
    this.limit = new MaxTsLimit(clock, maxDrift);
  }

  @Override
  public long maxTs() {
    return maxTs.get();
  }

  @Override
  public void updateMaxTs(long timestamp, boolean exact) {
    if (TimeStamp.isMax(timestamp) || Long.compareUnsigned(timestamp, maxTs.get()) <= 0) {
      return;
    }
    limit.check(timestamp, exact);
    raiseMaxTs(timestamp);
  }

  /** Raises max_ts to a timestamp that comes from the oracle itself. */
  public void raiseMaxTs(long timestamp) {
    long current = maxTs.get();
    while (Long.compareUnsigned(timestamp, current) > 0
        && !maxTs.compareAndSet(current, timestamp)) {
      current = maxTs.get();
    }
  }

  /** Tells what the oracle's newest timestamp is: the limit for timestamps in requests. */
  public void onOracleTimestamp(long timestamp) {
    limit.onOracleTimestamp(timestamp);
  }

  @Override
  public Guard lockKey(byte[] encodedKey) {
    while (true) {
      Slot slot = table.computeIfAbsent(encodedKey, Slot::new);
      if (slot.enter()) {
        VarHandle.fullFence();
        return new Handle(slot);
      }
      Thread.onSpinWait();
    }
  }

  @Override
  public void checkKey(byte[] encodedKey, LockVisitor check) {
    VarHandle.fullFence();
    if (table.isEmpty()) {
      return;
    }
    Slot slot = table.get(encodedKey);
    if (slot != null) {
      slot.show(check);
    }
  }

  @Override
  public void checkRange(byte[] encodedStart, byte[] encodedEnd, LockVisitor check) {
    VarHandle.fullFence();
    if (table.isEmpty()) {
      return;
    }
    for (Slot slot : range(encodedStart, encodedEnd).values()) {
      slot.show(check);
    }
  }

  private Map<byte[], Slot> range(byte[] start, byte[] end) {
    if (end.length == 0) {
      return table.tailMap(start, true);
    }
    return Bytes.compare(start, end) < 0 ? table.subMap(start, true, end, false) : Map.of();
  }

  /** The least start_ts of all published locks: no resolved timestamp may reach it. */
  public OptionalLong globalMinLock() {
    long min = TimeStamp.MAX;
    boolean found = false;
    for (Slot slot : table.values()) {
      Lock lock = slot.published();
      if (lock != null && Long.compareUnsigned(lock.startTs(), min) <= 0) {
        min = lock.startTs();
        found = true;
      }
    }
    return found ? OptionalLong.of(min) : OptionalLong.empty();
  }

  /** Keys that have a handle now. */
  int size() {
    return table.size();
  }

  /** One key's place in the table; gone for good once its last handle is closed. */
  private final class Slot {
    private final byte[] key;
    private int handles;
    private boolean removed;
    private @Nullable Lock lock;

    Slot(byte[] key) {
      this.key = key;
    }

    synchronized boolean enter() {
      if (removed) {
        return false;
      }
      handles++;
      return true;
    }

    synchronized void leave() {
      if (--handles == 0) {
        removed = true;
        lock = null;
        table.remove(key, this);
      }
    }

    synchronized @Nullable Lock publish(LongFunction<@Nullable Lock> maker) {
      Lock made = maker.apply(maxTs.get());
      lock = made;
      return made;
    }

    private synchronized @Nullable Lock published() {
      return lock;
    }

    void show(LockVisitor check) {
      Lock published = published();
      if (published != null) {
        check.visit(key, published);
      }
    }
  }

  /** Owned by one command, which may close it on another thread than it was made on. */
  private static final class Handle implements Guard {
    private final Slot slot;
    private boolean closed;

    Handle(Slot slot) {
      this.slot = slot;
    }

    @Override
    public byte[] encodedKey() {
      return slot.key;
    }

    @Override
    public @Nullable Lock publish(LongFunction<@Nullable Lock> maker) {
      return slot.publish(maker);
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        slot.leave();
      }
    }
  }
}
