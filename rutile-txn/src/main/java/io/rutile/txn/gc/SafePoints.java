package io.rutile.txn.gc;

import io.rutile.base.codec.Numbers;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/**
 * The safe points in force, as the placement driver gives them: one for the cluster, and one for
 * each keyspace that keeps its own (API V2). Immutable.
 *
 * @param cluster safe point of everything that no keyspace has its own for, 0 while there is none
 * @param keyspaces safe point by keyspace id
 */
public record SafePoints(long cluster, Map<Integer, Long> keyspaces) {
  private static final int MODE_AND_KEYSPACE = 4;
  private static final int KEYSPACE_MASK = 0xFF_FFFF;

  public SafePoints {
    keyspaces = Map.copyOf(keyspaces);
  }

  /** Where they come from. */
  @FunctionalInterface
  public interface Source {
    CompletionStage<SafePoints> newest();
  }

  public static SafePoints ofCluster(long safePoint) {
    return new SafePoints(safePoint, Map.of());
  }

  /** The safe point that holds for every key of an encoded range. */
  public long within(byte[] start, byte[] end) {
    if (keyspaces.isEmpty()) {
      return cluster;
    }
    if (isOfKeyspaces(start) && isOfKeyspaces(end) && start[0] == end[0]) {
      int first = keyspace(start);
      if (first == keyspace(end) || endsAt(end, first + 1)) {
        return keyspaces.getOrDefault(first, cluster);
      }
    }
    long least = cluster;
    for (long safePoint : keyspaces.values()) {
      least = Long.compareUnsigned(safePoint, least) < 0 ? safePoint : least;
    }
    return least;
  }

  /** Encoded keys begin with the first eight bytes of the key: mode and keyspace among them. */
  private static boolean isOfKeyspaces(byte[] encoded) {
    return encoded.length >= MODE_AND_KEYSPACE && (encoded[0] == 'x' || encoded[0] == 'r');
  }

  private static int keyspace(byte[] encoded) {
    return Numbers.getInt(encoded, 0) & KEYSPACE_MASK;
  }

  /** Whether {@code end} is the first key of a keyspace. */
  private static boolean endsAt(byte[] end, int keyspace) {
    if (keyspace(end) != keyspace) {
      return false;
    }
    // The encoding of the bare prefix: four zero bytes of padding and how many there are.
    for (int i = MODE_AND_KEYSPACE; i < end.length - 1; i++) {
      if (end[i] != 0) {
        return false;
      }
    }
    return true;
  }
}
