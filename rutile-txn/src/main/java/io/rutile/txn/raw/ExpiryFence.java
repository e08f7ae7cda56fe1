package io.rutile.txn.raw;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Lets expired keys be deleted without losing a value that somebody writes to one of them
 * meanwhile, although plain writes take no latch.
 *
 * <p>Whoever deletes names the keys, waits until the writes that began before are done, and then
 * works under the latches of the keys. A write that comes meanwhile and touches one of them takes
 * the latches too. Either the write sees the names, or the deleter sees the write: each does its
 * own part first and then looks for the other's.
 *
 * <p>Writers may be many; deletions come one after the other.
 */
final class ExpiryFence {
  /** The write has to take latches. */
  static final int HELD = -1;

  private final AtomicLong[] underWay = {new AtomicLong(), new AtomicLong()};
  private volatile int phase;
  private volatile Set<ByteString> held = Set.of();

  /**
   * A plain write begins.
   *
   * @return what {@link #leave} wants once it is applied or failed, or {@link #HELD}
   */
  int enter(List<RawChange> changes) {
    int ticket = phase;
    underWay[ticket].incrementAndGet();
    Set<ByteString> keys = held;
    if (!keys.isEmpty()) {
      for (RawChange change : changes) {
        if (keys.contains(UnsafeByteOperations.unsafeWrap(change.userKey()))) {
          leave(ticket);
          return HELD;
        }
      }
    }
    return ticket;
  }

  void leave(int ticket) {
    underWay[ticket].decrementAndGet();
  }

  /** Names the keys that are to be deleted; {@link #isQuiet} tells when that may begin. */
  void hold(Set<ByteString> keys) {
    held = keys;
    phase = 1 - phase;
  }

  /** Whether every write that began before {@link #hold} is done. */
  boolean isQuiet() {
    return underWay[1 - phase].get() == 0;
  }

  void release() {
    held = Set.of();
  }
}
