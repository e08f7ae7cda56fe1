package io.rutile.engine.raftlog;

import io.rutile.engine.api.RaftLog;
import io.rutile.engine.api.RaftLogBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** Random valid batches for one log and its model, from a seed. */
final class LogWorkload {
  private static final int GROUPS = 5;

  private final SplittableRandom random;
  private final Map<Long, LogRange> ranges = new HashMap<>();

  LogWorkload(SplittableRandom random) {
    this.random = random;
  }

  /** Adds the same random changes to all batches. */
  void fill(RaftLogBatch... batches) {
    int changes = 1 + random.nextInt(4);
    for (int i = 0; i < changes; i++) {
      change(batches);
    }
  }

  /** Starts over from what a log holds, as after a crash. */
  void resumeFrom(RaftLog log) {
    ranges.clear();
    log.forEachGroup(group -> {
      LogRange range = new LogRange();
      if (log.firstIndex(group) != 1 || log.lastIndex(group) != 0) {
        range.set(log.firstIndex(group), log.lastIndex(group));
      }
      ranges.put(group, range);
    });
  }

  private void change(RaftLogBatch[] batches) {
    long group = 1 + random.nextInt(GROUPS);
    LogRange range = ranges.computeIfAbsent(group, id -> new LogRange());
    int dice = random.nextInt(100);
    if (dice < 60) {
      long first =
          range.established()
              ? range.last() + 1 - (random.nextInt(4) == 0 ? tail(range) : 0)
              : 1 + random.nextInt(20);
      List<byte[]> entries = entries();
      range.append(group, first, entries.size());
      each(batches, batch -> batch.append(group, first, entries));
    } else if (dice < 75) {
      byte[] state = bytes(20);
      each(batches, batch -> batch.putState(group, state));
    } else if (dice < 95) {
      long kept = range.first() + random.nextLong(range.last() - range.first() + 2);
      range.compact(group, kept);
      each(batches, batch -> batch.compact(group, kept));
    } else if (dice < 98) {
      long first = 1 + random.nextInt(1000);
      range.reset(group, first);
      each(batches, batch -> batch.reset(group, first));
    } else {
      range.remove();
      each(batches, batch -> batch.remove(group));
    }
  }

  private long tail(LogRange range) {
    return random.nextLong(Math.min(4, range.last() - range.first() + 1) + 1);
  }

  private List<byte[]> entries() {
    List<byte[]> entries = new ArrayList<>();
    int count = 1 + random.nextInt(5);
    for (int i = 0; i < count; i++) {
      entries.add(bytes(random.nextInt(20) == 0 ? 3000 : 200));
    }
    return entries;
  }

  private byte[] bytes(int below) {
    byte[] bytes = new byte[random.nextInt(below)];
    random.nextBytes(bytes);
    return bytes;
  }

  private interface Step {
    void on(RaftLogBatch batch);
  }

  private static void each(RaftLogBatch[] batches, Step step) {
    for (RaftLogBatch batch : batches) {
      step.on(batch);
    }
  }

  /** All that a log holds, in a form that compares. */
  static Map<Long, String> dump(RaftLog log) {
    Map<Long, String> dump = new TreeMap<>();
    log.forEachGroup(group -> {
      long first = log.firstIndex(group);
      long last = log.lastIndex(group);
      int hash = 1;
      for (byte[] entry : log.entries(group, first, last + 1, Long.MAX_VALUE)) {
        hash = 31 * hash + Arrays.hashCode(entry);
      }
      for (long index = first; index <= last; index += 7) {
        hash = 31 * hash + Arrays.hashCode(log.entry(group, index));
      }
      byte[] state = log.state(group);
      String stateText = state == null ? "none" : Integer.toHexString(Arrays.hashCode(state));
      dump.put(group, first + ".." + last + " #" + hash + " state " + stateText);
    });
    return dump;
  }
}
