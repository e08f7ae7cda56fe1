package io.rutile.verify.check;

import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * One transaction of a history, with outcome known. (A transaction whose commit got no answer is
 * settled before the check by reading its commit record; one that was rolled back is left out, but
 * for the promise that nobody reads what it wrote.)
 *
 * @param startTs snapshot it read from
 * @param commitTs version of what it wrote; 0 when it wrote nothing
 * @param reads values it read from its snapshot, before its own writes; absent keys are empty
 * @param writes what it wrote; empty for a delete
 * @param begunNanos when it asked for its start timestamp, on one monotonic clock for the whole
 *     history
 * @param guards the keys that nobody else may have written between the timestamp given and the
 *     commit: what it wrote from its start on, or what it locked, from the version on that it saw
 *     when it did
 * @param begunNanos when it asked for its start timestamp, on one monotonic clock for the whole
 *     history
 * @param endedNanos when its commit was answered; {@link Operation#OPEN} when it never was
 */
public record Transaction(
    long startTs,
    long commitTs,
    Map<String, Optional<String>> reads,
    Map<String, Optional<String>> writes,
    Map<String, Long> guards,
    long begunNanos,
    long endedNanos) {
  /** A transaction that guards what it wrote, from its start on. */
  public Transaction(
      long startTs,
      long commitTs,
      Map<String, Optional<String>> reads,
      Map<String, Optional<String>> writes,
      long begunNanos,
      long endedNanos) {
    this(
        startTs,
        commitTs,
        reads,
        writes,
        writes.keySet().stream().collect(Collectors.toMap(key -> key, key -> startTs)),
        begunNanos,
        endedNanos);
  }

  public boolean readOnly() {
    return writes.isEmpty();
  }

  @Override
  public String toString() {
    return "txn[start="
        + startTs
        + " commit="
        + commitTs
        + " reads="
        + reads
        + " writes="
        + writes
        + "]";
  }
}
