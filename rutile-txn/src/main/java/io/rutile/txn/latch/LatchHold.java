package io.rutile.txn.latch;

import java.util.Arrays;
import java.util.List;

/**
 * The slots that one command needs, and how many of them it has. Made once for each run of a
 * command.
 *
 * <p>Threads: while the command waits, the thread that releases the slot it waits for goes on
 * acquiring in its name; the hold passes between threads through the slot itself, so its fields
 * need no protection of their own.
 */
public final class LatchHold {
  private final int[] slots;
  private final Runnable onAcquired;
  private int owned;

  private LatchHold(int[] slots, Runnable onAcquired) {
    this.slots = slots;
    this.onAcquired = onAcquired;
  }

  static LatchHold of(List<byte[]> keys, int mask, Runnable onAcquired) {
    int count = keys.size();
    int[] slots = new int[count];
    for (int i = 0; i < count; i++) {
      slots[i] = slotOf(keys.get(i), mask);
    }
    if (count > 1) {
      slots = sortedDistinct(slots);
    }
    return new LatchHold(slots, onAcquired);
  }

  /** Index of the slot of a key; {@code mask} is the number of slots minus one. */
  static int slotOf(byte[] key, int mask) {
    int hash = Arrays.hashCode(key) * 0x9E3779B9;
    return (hash ^ (hash >>> 16)) & mask;
  }

  private static int[] sortedDistinct(int[] slots) {
    Arrays.sort(slots);
    int kept = 1;
    for (int i = 1; i < slots.length; i++) {
      if (slots[i] != slots[kept - 1]) {
        slots[kept++] = slots[i];
      }
    }
    return kept == slots.length ? slots : Arrays.copyOf(slots, kept);
  }

  int[] slots() {
    return slots;
  }

  boolean complete() {
    return owned == slots.length;
  }

  int nextSlot() {
    return slots[owned];
  }

  void gotSlot() {
    owned++;
  }

  void acquired() {
    onAcquired.run();
  }
}
