package io.rutile.txn.raw;

import static com.google.protobuf.UnsafeByteOperations.unsafeWrap;

import io.rutile.base.bytes.Bytes;
import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineIterator;
import io.rutile.engine.api.ReadOptions;
import io.rutile.proto.kvrpcpb.KvPair;
import io.rutile.txn.gate.HotRow;
import io.rutile.txn.gate.RegionErrors;
import io.rutile.txn.gate.RegionSnapshot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads raw entries of one family in one snapshot at one moment. Owned by one thread. */
final class RawReader {
  private final RawFormat format;
  private final RegionSnapshot snapshot;
  private final Cf cf;
  private final long nowSeconds;
  private final ReadOptions options;

  RawReader(
      RawFormat format, RegionSnapshot snapshot, Cf cf, long nowSeconds, ReadOptions options) {
    this.format = format;
    this.snapshot = snapshot;
    this.cf = cf;
    this.nowSeconds = nowSeconds;
    this.options = options;
  }

  @Nullable RawValue get(byte[] userKey) {
    byte[] key = format.encodeKey(userKey);
    byte[] stored = format.versioned() ? newestVersion(key) : snapshot.get(cf, key);
    return stored == null ? null : format.visible(stored, nowSeconds);
  }

  /** Like {@link #get}; the entry is worth keeping for the next who asks. */
  @Nullable RawValue getHot(byte[] userKey) {
    if (format.versioned() || cf != Cf.DEFAULT) {
      return get(userKey);
    }
    byte[] key = format.encodeKey(userKey);
    byte[] stored = snapshot.get(cf, key);
    if (stored == null) {
      return null;
    }
    if (options.fillCache()) {
      snapshot.keep(cf, key, new HotRow(0, stored));
    }
    return format.visible(stored, nowSeconds);
  }

  /** The values of several keys, null for each that is absent, in their order. */
  List<@Nullable RawValue> getAll(List<byte[]> userKeys) {
    List<@Nullable RawValue> values = new ArrayList<>(userKeys.size());
    if (format.versioned()) {
      for (byte[] userKey : userKeys) {
        values.add(get(userKey));
      }
      return values;
    }
    List<byte[]> keys = userKeys.stream().map(format::encodeKey).toList();
    for (byte @Nullable [] stored : snapshot.multiGet(cf, keys)) {
      values.add(stored == null ? null : format.visible(stored, nowSeconds));
    }
    return values;
  }

  private byte @Nullable [] newestVersion(byte[] encodedKey) {
    if (!Bytes.inRange(encodedKey, snapshot.startKey(), snapshot.endKey())) {
      throw RegionErrors.keyNotInRegion(
          encodedKey, snapshot.regionId(), snapshot.startKey(), snapshot.endKey());
    }
    byte[] end = Bytes.prefixEnd(encodedKey);
    try (EngineIterator cursor = snapshot.iterator(cf, encodedKey, end, options)) {
      return cursor.seekToFirst() ? cursor.value() : null;
    }
  }

  /** Up to {@code limit} pairs of [start, end) in ascending order. */
  int scanForward(byte[] start, byte[] end, int limit, boolean keyOnly, Consumer<KvPair> sink) {
    byte[] lower = format.encodeKey(start);
    requireSeekable(lower);
    byte[] upper = end.length == 0 ? Bytes.EMPTY : format.encodeKey(end);
    if (limit == 0 || (upper.length > 0 && Bytes.compare(lower, upper) >= 0)) {
      return 0;
    }
    int found = 0;
    byte[] previous = null;
    try (EngineIterator cursor = snapshot.iterator(cf, lower, upper, options)) {
      for (boolean valid = cursor.seekToFirst(); valid; valid = cursor.next()) {
        byte[] key = format.encodedKeyOf(cursor.key());
        if (format.versioned() && Arrays.equals(key, previous)) {
          continue;
        }
        previous = key;
        RawValue value = format.visible(cursor.value(), nowSeconds);
        if (value != null) {
          sink.accept(pair(key, value, keyOnly));
          if (++found == limit) {
            break;
          }
        }
      }
    }
    return found;
  }

  /** Up to {@code limit} pairs of [end, start) in descending order; an empty start has no bound. */
  int scanReverse(byte[] start, byte[] end, int limit, boolean keyOnly, Consumer<KvPair> sink) {
    byte[] upper = start.length == 0 ? Bytes.EMPTY : format.encodeKey(start);
    if (upper.length > 0) {
      requireSeekable(upper);
    }
    byte[] lower = end.length == 0 ? Bytes.EMPTY : format.encodeKey(end);
    if (limit == 0 || (upper.length > 0 && Bytes.compare(lower, upper) >= 0)) {
      return 0;
    }
    int found = 0;
    try (EngineIterator cursor = snapshot.iterator(cf, lower, upper, options)) {
      boolean valid = cursor.seekToLast();
      while (valid && found < limit) {
        byte[] key = format.encodedKeyOf(cursor.key());
        byte[] stored = cursor.value();
        valid = cursor.prev();
        while (valid && format.versioned() && isVersionOf(cursor, key)) {
          stored = cursor.value();
          valid = cursor.prev();
        }
        RawValue value = format.visible(stored, nowSeconds);
        if (value != null) {
          sink.accept(pair(key, value, keyOnly));
          found++;
        }
      }
    }
    return found;
  }

  /** Shows every visible entry of [start, end): user key and value. */
  void forEach(byte[] start, byte[] end, BiConsumer<byte[], byte[]> visitor) {
    scanForward(
        start,
        end,
        -1,
        false,
        pair -> visitor.accept(pair.getKey().toByteArray(), pair.getValue().toByteArray()));
  }

  private boolean isVersionOf(EngineIterator cursor, byte[] encodedKey) {
    return Arrays.equals(format.encodedKeyOf(cursor.key()), encodedKey);
  }

  private KvPair pair(byte[] encodedKey, RawValue value, boolean keyOnly) {
    KvPair.Builder pair = KvPair.newBuilder().setKey(unsafeWrap(format.decodeKey(encodedKey)));
    if (!keyOnly) {
      pair.setValue(unsafeWrap(value.value()));
    }
    return pair.build();
  }

  /** A scan has to begin inside the region or at its end; where it ends is cut to the region. */
  private void requireSeekable(byte[] encodedKey) {
    byte[] end = snapshot.endKey();
    boolean seekable =
        Bytes.compare(encodedKey, snapshot.startKey()) >= 0
            && (end.length == 0 || Bytes.compare(encodedKey, end) <= 0);
    if (!seekable) {
      throw RegionErrors.keyNotInRegion(encodedKey, snapshot.regionId(), snapshot.startKey(), end);
    }
  }
}
