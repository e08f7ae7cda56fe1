package io.rutile.txn.latch;

import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Serialises commands that touch the same keys. A key hashes to one of a fixed number of slots; a
 * command owns all slots of its keys while it runs, so two commands on one key run one after the
 * other, in the order in which they asked.
 *
 * <p>A slot is empty, or holds its owner, or, once somebody waits, a {@link SlotQueue}. Taking and
 * giving back an uncontended slot is one compare-and-set each and allocates nothing.
 *
 * <p>Slots are acquired in ascending order, so there is no deadlock. A command that finds a slot
 * taken queues there and stops; the thread that releases that slot hands it over and goes on
 * acquiring the rest in the waiter's name. The waiter is therefore woken once, by whoever gives it
 * its last slot, and never for nothing.
 *
 * <p>Threads: any; nothing blocks. Invariants: each slot has at most one owner; every hold that
 * {@link #acquire} answered false for is woken exactly once, provided that owners release.
 */
public final class Latches {
  /** Bound on the number of slots. */
  public static final int MAX_SLOTS = 1 << 24;

  private final AtomicReferenceArray<@Nullable Object> slots;
  private final int mask;

  /**
   * @param minSlots least number of slots, rounded up to a power of two
   */
  public Latches(int minSlots) {
    if (minSlots < 1 || minSlots > MAX_SLOTS) {
      throw new IllegalArgumentException("latch slots must be in 1.." + MAX_SLOTS);
    }
    int size = Integer.highestOneBit(Math.max(1, 2 * minSlots - 1));
    slots = new AtomicReferenceArray<>(size);
    mask = size - 1;
  }

  /**
   * Prepares the latches of {@code keys}.
   *
   * @param onAcquired run once, by the releasing thread, if {@link #acquire} answers false: should
   *     only pass the command on
   */
  public LatchHold prepare(List<byte[]> keys, Runnable onAcquired) {
    return LatchHold.of(keys, mask, onAcquired);
  }

  /** Whether all latches are held now; if not, the hold's callback says when they are. */
  public boolean acquire(LatchHold hold) {
    while (!hold.complete()) {
      if (!acquireSlot(hold.nextSlot(), hold)) {
        return false;
      }
      hold.gotSlot();
    }
    return true;
  }

  /** Gives back all latches of a hold that is complete, and wakes who has got all of theirs. */
  public void release(LatchHold hold) {
    ArrayDeque<LatchHold> ready = null;
    for (int slot : hold.slots()) {
      LatchHold next = releaseSlot(slot, hold);
      if (next == null) {
        continue;
      }
      next.gotSlot();
      if (acquire(next)) {
        if (ready == null) {
          ready = new ArrayDeque<>(2);
        }
        ready.add(next);
      }
    }
    if (ready != null) {
      ready.forEach(LatchHold::acquired);
    }
  }

  private boolean acquireSlot(int slot, LatchHold hold) {
    while (true) {
      Object current = slots.get(slot);
      switch (current) {
        case null -> {
          if (slots.compareAndSet(slot, null, hold)) {
            return true;
          }
        }
        case SlotQueue queue -> {
          if (queue.enqueue(hold)) {
            return false;
          }
          Thread.onSpinWait();
        }
        default -> {
          if (slots.compareAndSet(slot, current, new SlotQueue(hold))) {
            return false;
          }
        }
      }
    }
  }

  private @Nullable LatchHold releaseSlot(int slot, LatchHold owner) {
    if (slots.compareAndSet(slot, owner, null)) {
      return null;
    }
    if (!(slots.get(slot) instanceof SlotQueue queue)) {
      throw new IllegalStateException("latch slot " + slot + " released by one who has it not");
    }
    LatchHold next = queue.next();
    if (next == null) {
      slots.set(slot, null);
    }
    return next;
  }
}
