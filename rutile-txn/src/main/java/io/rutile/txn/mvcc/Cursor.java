package io.rutile.txn.mvcc;

import io.rutile.base.bytes.Bytes;
import io.rutile.engine.api.EngineIterator;
import org.jspecify.annotations.Nullable;

/**
 * An engine cursor that counts its steps and tries the neighbourhood before it seeks: a step costs
 * a fraction of a seek, and keys that are read in order are usually close. Owned by one thread.
 */
final class Cursor implements AutoCloseable {
  /** Steps to try before a seek. */
  static final int SEEK_BOUND = 8;

  private final EngineIterator iterator;
  private final CfStatistics statistics;
  private boolean positioned;
  private boolean valid;
  private byte @Nullable [] key;
  private byte @Nullable [] value;

  Cursor(EngineIterator iterator, CfStatistics statistics) {
    this.iterator = iterator;
    this.statistics = statistics;
  }

  boolean valid() {
    return valid;
  }

  byte[] key() {
    byte[] current = key;
    if (current == null) {
      current = iterator.key();
      statistics.flowBytes += current.length;
      key = current;
    }
    return current;
  }

  byte[] value() {
    byte[] current = value;
    if (current == null) {
      current = iterator.value();
      statistics.flowBytes += current.length;
      value = current;
    }
    return current;
  }

  boolean seek(byte[] target) {
    statistics.seek++;
    return moved(iterator.seek(target));
  }

  boolean seekForPrev(byte[] target) {
    statistics.seekForPrev++;
    return moved(iterator.seekForPrev(target));
  }

  boolean seekToLast() {
    statistics.seekForPrev++;
    return moved(iterator.seekToLast());
  }

  boolean next() {
    statistics.next++;
    return moved(iterator.next());
  }

  boolean prev() {
    statistics.prev++;
    return moved(iterator.prev());
  }

  /** Moves forward to the first key at or after {@code target}, which lies not before this one. */
  boolean nearSeek(byte[] target) {
    if (!positioned) {
      return seek(target);
    }
    for (int step = 0; valid; step++) {
      if (Bytes.compare(key(), target) >= 0) {
        return true;
      }
      if (step == SEEK_BOUND) {
        return seek(target);
      }
      next();
    }
    return false;
  }

  /** Moves back to the last key at or before {@code target}, which lies not after this one. */
  boolean nearSeekForPrev(byte[] target) {
    if (!positioned) {
      return seekForPrev(target);
    }
    for (int step = 0; valid; step++) {
      if (Bytes.compare(key(), target) <= 0) {
        return true;
      }
      if (step == SEEK_BOUND) {
        return seekForPrev(target);
      }
      prev();
    }
    return false;
  }

  private boolean moved(boolean isValid) {
    positioned = true;
    valid = isValid;
    key = null;
    value = null;
    return isValid;
  }

  @Override
  public void close() {
    iterator.close();
  }
}
