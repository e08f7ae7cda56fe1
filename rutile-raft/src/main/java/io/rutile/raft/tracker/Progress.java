package io.rutile.raft.tracker;

/**
 * What a leader knows about one peer's log, and what it owes the peer.
 *
 * <p>{@code match} is what the peer has said it holds durably; {@code next} is the first index to
 * send. Probing sends one append and waits; replicating moves {@code next} ahead of
 * acknowledgement; a peer in need of a snapshot gets no appends until the snapshot is reported, or
 * an acknowledgement shows that the peer has caught up.
 *
 * <p>Sending is owed, not done, when a message arrives: everything owed is sent when the driver
 * next asks for a Ready, so that one append carries what many proposals and acknowledgements called
 * for.
 */
public final class Progress {
  /** What the leader should send when it can. */
  public enum Owed {
    NOTHING,
    /** Entries, if there are any. */
    ENTRIES,
    /** An append even if it is empty: to probe, or to tell the commit index. */
    APPEND
  }

  private final long id;
  private final long memberSince;
  private final Inflights inflights;
  private ProgressState state = ProgressState.PROBE;
  private long match;
  private long next;
  private long committed;
  private long ackedRound;
  private long pendingSnapshot;
  private long requestedSnapshot;
  private boolean probeSent;
  private boolean recentActive;
  private Owed owed = Owed.NOTHING;

  /**
   * @param memberSince an index from which on the peer is a member: a snapshot for it must not be
   *     older
   */
  public Progress(
      long id, long memberSince, long next, int maxInflightMessages, long maxInflightBytes) {
    this.id = id;
    this.memberSince = memberSince;
    this.next = next;
    this.inflights = new Inflights(maxInflightMessages, maxInflightBytes);
  }

  public long id() {
    return id;
  }

  public ProgressState state() {
    return state;
  }

  public long match() {
    return match;
  }

  public long next() {
    return next;
  }

  public long committed() {
    return committed;
  }

  public long ackedRound() {
    return ackedRound;
  }

  public long pendingSnapshot() {
    return pendingSnapshot;
  }

  /** The index that a snapshot for this peer must have reached. */
  public long snapshotFloor() {
    return Math.max(memberSince, requestedSnapshot);
  }

  /** The index that the peer asked a snapshot for, 0 for none. */
  public long requestedSnapshot() {
    return requestedSnapshot;
  }

  public boolean recentActive() {
    return recentActive;
  }

  public void setRecentActive(boolean active) {
    this.recentActive = active;
  }

  public Inflights inflights() {
    return inflights;
  }

  public void owe(Owed what) {
    if (what.compareTo(owed) > 0) {
      owed = what;
    }
  }

  /** Takes what is owed; the caller sends it or leaves it to the next event. */
  public Owed takeOwed() {
    Owed what = owed;
    owed = Owed.NOTHING;
    return what;
  }

  /** Whether appends have to wait for an answer from the peer. */
  public boolean isPaused() {
    return switch (state) {
      case PROBE -> probeSent;
      case REPLICATE -> inflights.isFull();
      case SNAPSHOT -> true;
    };
  }

  private void become(ProgressState to, long newNext) {
    state = to;
    next = newNext;
    probeSent = false;
    pendingSnapshot = 0;
    inflights.clear();
  }

  public void becomeProbe() {
    become(ProgressState.PROBE, match + 1);
  }

  public void becomeReplicate() {
    become(ProgressState.REPLICATE, match + 1);
  }

  /** A snapshot at {@code index} was sent. */
  public void becomeSnapshot(long index) {
    become(ProgressState.SNAPSHOT, index + 1);
    pendingSnapshot = index;
    requestedSnapshot = 0;
  }

  /**
   * The outcome of the snapshot is known. Appending goes on after the peer's next sign of life: its
   * acknowledgement of the snapshot, or a heartbeat answer.
   */
  public void snapshotReported(boolean ok) {
    long from = ok ? Math.max(match, pendingSnapshot) : match;
    become(ProgressState.PROBE, from + 1);
    probeSent = true;
  }

  /** Whether an acknowledgement has made the snapshot on its way unnecessary. */
  public boolean snapshotCaughtUp() {
    return state == ProgressState.SNAPSHOT && match >= pendingSnapshot;
  }

  /**
   * The peer holds everything up to {@code index}.
   *
   * @return whether that is news
   */
  public boolean acknowledge(long index) {
    if (next <= index) {
      next = index + 1;
    }
    if (index <= match) {
      return false;
    }
    match = index;
    probeSent = false;
    return true;
  }

  public void learnCommitted(long index) {
    committed = Math.max(committed, index);
  }

  public void learnRound(long round) {
    ackedRound = Math.max(ackedRound, round);
  }

  /**
   * The peer refused the append after {@code rejected}.
   *
   * @param hint the highest index that may match
   * @return false when the refusal is of an older append and means nothing now
   */
  public boolean reject(long rejected, long hint) {
    if (state == ProgressState.REPLICATE) {
      if (rejected <= match) {
        return false;
      }
      becomeProbe();
      return true;
    }
    if (next - 1 != rejected) {
      return false;
    }
    next = Math.max(match + 1, Math.min(rejected, hint + 1));
    probeSent = false;
    return true;
  }

  /** The peer asks for a snapshot at {@code index} or later. */
  public void requestSnapshot(long index) {
    if (state != ProgressState.SNAPSHOT) {
      requestedSnapshot = index;
      probeSent = false;
    }
  }

  /** A heartbeat was answered: a probe may be repeated. */
  public void resumeProbe() {
    probeSent = false;
  }

  /** An append that ends at {@code lastIndex} was sent; {@code size} is 0 when it was empty. */
  public void sent(long lastIndex, long size) {
    switch (state) {
      case PROBE -> probeSent = true;
      case REPLICATE -> {
        if (lastIndex >= next) {
          next = lastIndex + 1;
          inflights.add(lastIndex, size);
        }
      }
      case SNAPSHOT -> throw new IllegalStateException("append sent while waiting for a snapshot");
    }
  }
}
