package io.rutile.pd.schedule.placement;

import io.rutile.base.bytes.Bytes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The key space, cut at boundaries, with a value for each piece. Immutable. */
final class KeyPieces<T> {
  /**
   * A part of the key space.
   *
   * @param end where the next piece begins; empty for the last one
   */
  record Piece<T>(byte[] start, byte[] end, T value) {}

  private final List<Piece<T>> pieces;

  /**
   * @param boundaries starts and ends of ranges in any order; an empty key stands for the first key
   *     or for no end, and cuts nothing
   * @param value what counts from the start of a piece to its end
   */
  KeyPieces(Collection<byte[]> boundaries, Function<byte[], T> value) {
    TreeSet<byte[]> sorted = new TreeSet<>(Bytes.ORDER);
    sorted.add(Bytes.EMPTY);
    sorted.addAll(boundaries);
    List<byte[]> starts = List.copyOf(sorted);
    List<Piece<T>> cut = new ArrayList<>(starts.size());
    for (int i = 0; i < starts.size(); i++) {
      byte[] end = i + 1 < starts.size() ? starts.get(i + 1) : Bytes.EMPTY;
      cut.add(new Piece<>(starts.get(i), end, value.apply(starts.get(i))));
    }
    this.pieces = List.copyOf(cut);
  }

  /** All pieces in the order of keys; at least one. */
  List<Piece<T>> all() {
    return pieces;
  }

  private int indexOf(byte[] key) {
    int low = 0;
    int high = pieces.size() - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (Bytes.compare(pieces.get(middle).start(), key) <= 0) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  T at(byte[] key) {
    return pieces.get(indexOf(key)).value();
  }

  /** The value of the piece that contains the whole range; null when it lies across a boundary. */
  @Nullable T around(byte[] start, byte[] end) {
    Piece<T> piece = pieces.get(indexOf(start));
    boolean across =
        piece.end().length > 0 && (end.length == 0 || Bytes.compare(piece.end(), end) < 0);
    return across ? null : piece.value();
  }

  /** Boundaries strictly between two keys; an empty end is unbounded. */
  List<byte[]> boundariesWithin(byte[] start, byte[] end) {
    List<byte[]> keys = new ArrayList<>();
    for (int i = indexOf(start) + 1; i < pieces.size(); i++) {
      byte[] key = pieces.get(i).start();
      if (end.length > 0 && Bytes.compare(key, end) >= 0) {
        break;
      }
      keys.add(key);
    }
    return keys;
  }
}
