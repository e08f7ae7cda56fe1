package io.rutile.raft.tracker;

/**
 * Appends on their way to one peer, in order: a ring of their last indexes and sizes, limited by
 * count and by bytes. Grows as needed, so that an idle peer costs nothing.
 */
public final class Inflights {
  private static final int INITIAL_SLOTS = 8;
  private static final long[] NONE = new long[0];

  private final int maxMessages;
  private final long maxBytes;
  private long[] indexes = NONE;
  private long[] sizes = NONE;
  private int head;
  private int count;
  private long bytes;

  public Inflights(int maxMessages, long maxBytes) {
    this.maxMessages = maxMessages;
    this.maxBytes = maxBytes;
  }

  public int count() {
    return count;
  }

  public long bytes() {
    return bytes;
  }

  /** Whether nothing more may be sent. The last append may exceed the limit of bytes. */
  public boolean isFull() {
    return count >= maxMessages || bytes >= maxBytes;
  }

  /** An append up to {@code lastIndex} was sent. */
  public void add(long lastIndex, long size) {
    if (isFull()) {
      throw new IllegalStateException("the window of appends in flight is full");
    }
    if (count == indexes.length) {
      grow();
    }
    int slot = (head + count) & (indexes.length - 1);
    indexes[slot] = lastIndex;
    sizes[slot] = size;
    count++;
    bytes += size;
  }

  /** Everything up to {@code index} has arrived. */
  public void freeTo(long index) {
    while (count > 0 && indexes[head] <= index) {
      bytes -= sizes[head];
      head = (head + 1) & (indexes.length - 1);
      count--;
    }
  }

  public void clear() {
    head = 0;
    count = 0;
    bytes = 0;
    indexes = NONE;
    sizes = NONE;
  }

  private void grow() {
    int capacity = Math.max(INITIAL_SLOTS, 2 * indexes.length);
    long[] newIndexes = new long[capacity];
    long[] newSizes = new long[capacity];
    int tail = indexes.length - head;
    System.arraycopy(indexes, head, newIndexes, 0, tail);
    System.arraycopy(indexes, 0, newIndexes, tail, head);
    System.arraycopy(sizes, head, newSizes, 0, tail);
    System.arraycopy(sizes, 0, newSizes, tail, head);
    indexes = newIndexes;
    sizes = newSizes;
    head = 0;
  }
}
