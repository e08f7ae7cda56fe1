package io.rutile.txn.resolvedts;

import com.google.protobuf.ByteString;
import io.rutile.base.bytes.Bytes;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/** Which keys are locked by whom, with the oldest owner at hand. Not safe for several threads. */
final class OpenLocks {
  /** Rough memory of an entry beside its key. */
  private static final long ENTRY_BYTES = 120;

  private final Map<ByteString, Long> owners = new HashMap<>();
  private final TreeMap<Long, Integer> keysOfOwner =
      new TreeMap<>((Comparator<Long>) Long::compareUnsigned);
  private long bytes;

  void put(byte[] encodedKey, long startTs) {
    ByteString key = ByteString.copyFrom(encodedKey);
    Long before = owners.put(key, startTs);
    if (before == null) {
      bytes += ENTRY_BYTES + encodedKey.length;
    } else {
      forget(before);
    }
    keysOfOwner.merge(startTs, 1, Integer::sum);
  }

  void remove(byte[] encodedKey) {
    if (owners.isEmpty()) {
      return;
    }
    Long before = owners.remove(ByteString.copyFrom(encodedKey));
    if (before != null) {
      bytes -= ENTRY_BYTES + encodedKey.length;
      forget(before);
    }
  }

  /** Removes [start, end); an empty end means no bound. */
  void removeRange(byte[] start, byte[] end) {
    owners.keySet().stream()
        .map(ByteString::toByteArray)
        .filter(key -> Bytes.inRange(key, start, end))
        .toList()
        .forEach(this::remove);
  }

  private void forget(long startTs) {
    keysOfOwner.computeIfPresent(startTs, (ts, count) -> count == 1 ? null : count - 1);
  }

  /** The least start_ts of all locks. */
  OptionalLong oldest() {
    return keysOfOwner.isEmpty() ? OptionalLong.empty() : OptionalLong.of(keysOfOwner.firstKey());
  }

  int size() {
    return owners.size();
  }

  /** Approximate memory. */
  long bytes() {
    return bytes;
  }
}
