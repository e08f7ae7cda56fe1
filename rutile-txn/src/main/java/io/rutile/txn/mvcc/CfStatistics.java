package io.rutile.txn.mvcc;

/** Counts of operations on one column family. Owned by the thread that reads. */
public final class CfStatistics {
  long get;
  long seek;
  long seekForPrev;
  long next;
  long prev;
  long processedKeys;
  long processedBytes;
  long flowBytes;

  /** Entries touched, whether they were of use or not. */
  public long totalOperations() {
    return get + seek + seekForPrev + next + prev;
  }

  /** Entries that made a result. */
  public long processedKeys() {
    return processedKeys;
  }

  /** Bytes of keys and values that made a result. */
  public long processedBytes() {
    return processedBytes;
  }

  /** Bytes of everything touched. */
  public long flowBytes() {
    return flowBytes;
  }

  public long gets() {
    return get;
  }

  public long seeks() {
    return seek + seekForPrev;
  }

  public long steps() {
    return next + prev;
  }

  void add(CfStatistics other) {
    get += other.get;
    seek += other.seek;
    seekForPrev += other.seekForPrev;
    next += other.next;
    prev += other.prev;
    processedKeys += other.processedKeys;
    processedBytes += other.processedBytes;
    flowBytes += other.flowBytes;
  }
}
