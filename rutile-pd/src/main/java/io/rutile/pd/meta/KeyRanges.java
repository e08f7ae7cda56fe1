package io.rutile.pd.meta;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.rutile.base.bytes.Bytes;
import java.util.Comparator;

/** Key ranges in etcd's notation: empty end = one key, a single zero byte = to the last key. */
public final class KeyRanges {
  public static final Comparator<ByteString> ORDER = ByteString.unsignedLexicographicalComparator();

  /** The end that means "no upper bound". */
  public static final ByteString TO_LAST = ByteString.copyFrom(new byte[] {0});

  private KeyRanges() {}

  /** End of the range of all keys that start with {@code prefix}. */
  public static ByteString prefixEnd(ByteString prefix) {
    byte[] end = Bytes.prefixEnd(prefix.toByteArray());
    return end.length == 0 ? TO_LAST : UnsafeByteOperations.unsafeWrap(end);
  }

  public static boolean isSingleKey(ByteString rangeEnd) {
    return rangeEnd.isEmpty();
  }

  public static boolean isUnbounded(ByteString rangeEnd) {
    return rangeEnd.size() == 1 && rangeEnd.byteAt(0) == 0;
  }

  public static boolean contains(ByteString key, ByteString rangeEnd, ByteString probe) {
    if (isSingleKey(rangeEnd)) {
      return key.equals(probe);
    }
    return ORDER.compare(probe, key) >= 0
        && (isUnbounded(rangeEnd) || ORDER.compare(probe, rangeEnd) < 0);
  }
}
