package io.rutile.raft.log;

import io.rutile.proto.eraftpb.Entry;
import io.rutile.proto.eraftpb.Snapshot;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The log as the core sees it: durable entries in storage, followed by a tail in memory.
 *
 * <p>Positions, in order: {@code applied <= handedToApply <= committed <= lastIndex}, and {@code
 * persisted}, which is the last durable index and the border between storage and tail. Entries go
 * to the state machine only when they are both committed and durable here, so that a restart never
 * finds the state machine ahead of the log.
 *
 * <p>Writes in flight are remembered by the number of the Ready that carries them. When the tail is
 * cut, or replaced by a snapshot, they are cut too: a late report of durability can then never
 * vouch for an entry that took the place of the one that was written, not even for the same entry
 * written a second time.
 *
 * <p>Owned by the node's thread.
 */
public final class RaftLogView {
  private static final class PendingWrite {
    final long number;
    final @Nullable Snapshot snapshot;
    long lastIndex;

    PendingWrite(long number, long lastIndex, @Nullable Snapshot snapshot) {
      this.number = number;
      this.lastIndex = lastIndex;
      this.snapshot = snapshot;
    }
  }

  private final RaftStorage storage;
  private final EntryTail tail;
  private final ArrayDeque<PendingWrite> writes = new ArrayDeque<>();
  private @Nullable Snapshot pendingSnapshot;
  private boolean snapshotHandedOver;
  private long nextToHandOver;
  private long committed;
  private long handedToApply;
  private long applied;
  private long lastTerm;

  /**
   * @param commit the stored commit index; may lag behind {@code applied}
   * @param applied the last index that the state machine holds
   * @throws RaftInvariantException when the log has lost entries that were committed
   */
  public RaftLogView(RaftStorage storage, long commit, long applied) {
    this.storage = storage;
    long first = storage.firstIndex();
    long last = storage.lastIndex();
    this.committed = Math.max(Math.max(commit, applied), first - 1);
    if (committed > last) {
      throw new RaftInvariantException(
          "log ends at " + last + " but commit index is " + commit + ", applied index " + applied);
    }
    this.applied = Math.max(applied, first - 1);
    this.handedToApply = this.applied;
    this.tail = new EntryTail(last + 1);
    this.nextToHandOver = last + 1;
    this.lastTerm = storage.term(last);
  }

  public long firstIndex() {
    Snapshot snapshot = pendingSnapshot;
    return snapshot != null ? snapshot.getMetadata().getIndex() + 1 : storage.firstIndex();
  }

  public long lastIndex() {
    return tail.lastIndex();
  }

  public long lastTerm() {
    return lastTerm;
  }

  public long committed() {
    return committed;
  }

  public long applied() {
    return applied;
  }

  /** The last durable index. */
  public long persisted() {
    return pendingSnapshot != null ? 0 : tail.firstIndex() - 1;
  }

  /** Term of an entry, -1 when the log does not hold it. */
  public long termAt(long index) {
    if (index == tail.lastIndex()) {
      return lastTerm;
    }
    if (index > tail.lastIndex()) {
      return -1;
    }
    if (index >= tail.firstIndex()) {
      return tail.get(index).getTerm();
    }
    Snapshot snapshot = pendingSnapshot;
    if (snapshot != null) {
      boolean atSnapshot = index == snapshot.getMetadata().getIndex();
      return atSnapshot ? snapshot.getMetadata().getTerm() : -1;
    }
    return index < storage.firstIndex() - 1 ? -1 : storage.term(index);
  }

  public boolean matches(long index, long term) {
    return termAt(index) == term;
  }

  /** Whether a log that ends with this entry is at least as complete as ours (paper, 5.4.1). */
  public boolean isUpToDate(long otherIndex, long otherTerm) {
    return otherTerm > lastTerm || (otherTerm == lastTerm && otherIndex >= lastIndex());
  }

  /**
   * Entries from {@code low}, at least one if there is one, up to {@code maxBytes}.
   *
   * @throws CompactedException when {@code low} is before the first index
   */
  public List<Entry> entries(long low, long maxBytes) {
    return slice(low, lastIndex() + 1, maxBytes);
  }

  private List<Entry> slice(long low, long high, long maxBytes) {
    if (low >= high) {
      return List.of();
    }
    if (low >= tail.firstIndex()) {
      return tail.slice(low, high, maxBytes);
    }
    if (pendingSnapshot != null) {
      throw new CompactedException("entry " + low + " is covered by a snapshot");
    }
    // Entries on both sides of the border come in two calls: the caller goes on where this ends.
    return storage.entries(low, Math.min(high, tail.firstIndex()), maxBytes);
  }

  /** Appends to the end of a leader's log. */
  public void append(Entry entry) {
    if (entry.getIndex() != lastIndex() + 1 || entry.getTerm() < lastTerm) {
      throw new RaftInvariantException(
          "entry " + entry.getTerm() + "/" + entry.getIndex() + " after " + position());
    }
    tail.append(entry);
    lastTerm = entry.getTerm();
  }

  private String position() {
    return lastTerm + "/" + lastIndex();
  }

  /**
   * Takes entries that follow {@code prevIndex}, replacing a conflicting tail (paper, 5.3).
   *
   * @return false when the log does not hold the preceding entry
   */
  public boolean tryAppend(long prevIndex, long prevTerm, List<Entry> entries) {
    if (!matches(prevIndex, prevTerm)) {
      return false;
    }
    int known = 0;
    while (known < entries.size()
        && matches(entries.get(known).getIndex(), entries.get(known).getTerm())) {
      known++;
    }
    if (known < entries.size()) {
      cutFrom(entries.get(known).getIndex());
      for (int i = known; i < entries.size(); i++) {
        append(entries.get(i));
      }
    }
    return true;
  }

  private void cutFrom(long index) {
    if (index > lastIndex()) {
      return;
    }
    if (index <= committed) {
      throw new RaftInvariantException(
          "entry " + index + " conflicts with a committed entry, commit index " + committed);
    }
    lastTerm = termAt(index - 1);
    tail.truncateFrom(index);
    nextToHandOver = Math.min(nextToHandOver, index);
    for (PendingWrite write : writes) {
      write.lastIndex = Math.min(write.lastIndex, index - 1);
    }
  }

  /**
   * The last index up to {@code index} whose term is not above {@code term}: all entries between
   * are in conflict with a log that has {@code term} at {@code index}. May be an index that is
   * compacted, of which the term is not known.
   */
  public long lastIndexWithTermUpTo(long index, long term) {
    long candidate = index;
    while (candidate > 0) {
      long own = termAt(candidate);
      if (own == -1 || own <= term) {
        return candidate;
      }
      candidate--;
    }
    return 0;
  }

  /** Raises the commit index; a lower one has no effect. */
  public void commitTo(long index) {
    if (index <= committed) {
      return;
    }
    if (index > lastIndex()) {
      throw new RaftInvariantException(
          "commit index " + index + " is beyond the log, which ends at " + lastIndex());
    }
    committed = index;
  }

  /** Replaces the whole log. */
  public void restore(Snapshot snapshot) {
    long index = snapshot.getMetadata().getIndex();
    if (index < committed) {
      throw new RaftInvariantException(
          "snapshot at " + index + " is behind the commit index " + committed);
    }
    pendingSnapshot = snapshot;
    snapshotHandedOver = false;
    tail.reset(index + 1);
    lastTerm = snapshot.getMetadata().getTerm();
    nextToHandOver = index + 1;
    committed = index;
    handedToApply = index;
    for (PendingWrite write : writes) {
      write.lastIndex = 0;
    }
  }

  public boolean hasPendingSnapshot() {
    return pendingSnapshot != null;
  }

  /** Whether there are entries or a snapshot that no Ready has carried. */
  public boolean hasUnwritten() {
    return nextToHandOver <= lastIndex() || (pendingSnapshot != null && !snapshotHandedOver);
  }

  /** The snapshot, if no Ready has carried it. */
  public @Nullable Snapshot snapshotToWrite() {
    return snapshotHandedOver ? null : pendingSnapshot;
  }

  /** Entries that no Ready has carried. */
  public List<Entry> entriesToWrite() {
    return nextToHandOver > lastIndex()
        ? List.of()
        : tail.slice(nextToHandOver, lastIndex() + 1, Long.MAX_VALUE);
  }

  /** The Ready of that number carries everything unwritten. */
  public void handedOver(long number) {
    Snapshot snapshot = snapshotToWrite();
    boolean entries = nextToHandOver <= lastIndex();
    if (snapshot != null || entries) {
      writes.add(new PendingWrite(number, entries ? lastIndex() : 0, snapshot));
      snapshotHandedOver = pendingSnapshot != null;
      nextToHandOver = lastIndex() + 1;
    }
  }

  /**
   * All Readys up to that number are durable.
   *
   * @return whether the last durable index has moved
   */
  public boolean onPersisted(long number) {
    long before = persisted();
    PendingWrite write = writes.peek();
    while (write != null && write.number <= number) {
      writes.remove();
      finish(write);
      write = writes.peek();
    }
    return persisted() != before;
  }

  private void finish(PendingWrite write) {
    if (write.snapshot != null && write.snapshot == pendingSnapshot) {
      pendingSnapshot = null;
      snapshotHandedOver = false;
    }
    if (write.lastIndex >= tail.firstIndex()) {
      tail.dropBefore(write.lastIndex + 1);
    }
  }

  private long readyToApply() {
    return pendingSnapshot != null ? handedToApply : Math.min(committed, persisted());
  }

  public boolean hasEntriesToApply() {
    return readyToApply() > handedToApply;
  }

  /** The next committed entries, at least one if there is one; counts them as handed over. */
  public List<Entry> entriesToApply(long maxBytes) {
    List<Entry> entries = slice(handedToApply + 1, readyToApply() + 1, maxBytes);
    handedToApply += entries.size();
    return entries;
  }

  /** The state machine has reached {@code index}. */
  public void appliedTo(long index) {
    if (index < applied || index > handedToApply) {
      throw new RaftInvariantException(
          "applied index " + index + " is outside " + applied + ".." + handedToApply);
    }
    applied = index;
  }

  /** Committed entries that the state machine has not reached, page by page. */
  public List<Entry> unapplied(long from, long maxBytes) {
    return slice(Math.max(from, Math.max(applied + 1, firstIndex())), committed + 1, maxBytes);
  }

  /**
   * A snapshot for a peer.
   *
   * @throws SnapshotTemporarilyUnavailableException when it is not made yet
   */
  public Snapshot snapshotFor(long requestIndex, long to) {
    return storage.snapshot(requestIndex, to);
  }
}
