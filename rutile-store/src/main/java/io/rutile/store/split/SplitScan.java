package io.rutile.store.split;

import io.rutile.base.bytes.Bytes;
import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineIterator;
import io.rutile.engine.api.KvEngine;
import io.rutile.engine.api.ReadOptions;
import io.rutile.store.RaftstoreConfig;
import io.rutile.store.meta.DataKeys;
import io.rutile.store.meta.RegionImage;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures a region and finds keys that cut it into parts of the wanted size. Runs on a background
 * worker; reads every key only of regions that the engine's estimate says are too large, or when a
 * split is ordered.
 *
 * <p>Keys of the transactional families end with a timestamp; a split key must not separate the
 * versions of one user key, so it is cut to the encoded user key when it has that form.
 */
public final class SplitScan {
  private static final Cf[] FAMILIES = {Cf.DEFAULT, Cf.LOCK, Cf.WRITE};
  private static final int GROUP = 9;
  private static final int TIMESTAMP = 8;

  /**
   * What a scan found.
   *
   * @param splitKeys ascending, strictly inside the region; empty when it need not split
   */
  public record Result(long bytes, long keys, List<byte[]> splitKeys) {}

  private SplitScan() {}

  /**
   * @param force find a key in the middle whatever the size
   */
  public static Result run(
      KvEngine engine, RegionImage image, RaftstoreConfig.Split config, boolean force) {
    byte[] start = DataKeys.of(image.start());
    byte[] end = DataKeys.endOf(image.end());
    long bytes = 0;
    long keys = 0;
    for (Cf cf : FAMILIES) {
      bytes += engine.approximateSize(cf, start, end);
    }
    keys += engine.approximateKeys(Cf.WRITE, start, end);
    keys += keys == 0 ? engine.approximateKeys(Cf.DEFAULT, start, end) : 0;
    if (!force && bytes < config.regionMaxBytes() && keys < config.regionMaxKeys()) {
      return new Result(bytes, keys, List.of());
    }
    long partBytes = force ? Math.max(1, bytes / 2) : config.regionSplitBytes();
    long partKeys = force ? Math.max(1, keys / 2) : config.regionSplitKeys();
    int limit = force ? 1 : config.batchSplitLimit();
    return new Result(bytes, keys, cut(engine, image, partBytes, partKeys, limit));
  }

  private static List<byte[]> cut(
      KvEngine engine, RegionImage image, long partBytes, long partKeys, int limit) {
    List<byte[]> found = new ArrayList<>();
    byte[] start = DataKeys.of(image.start());
    byte[] end = DataKeys.endOf(image.end());
    ReadOptions options = ReadOptions.DEFAULT.withFillCache(false);
    try (EngineIterator data = engine.iterator(Cf.DEFAULT, start, end, options);
        EngineIterator write = engine.iterator(Cf.WRITE, start, end, options)) {
      data.seekToFirst();
      write.seekToFirst();
      long bytes = 0;
      long keys = 0;
      while ((data.valid() || write.valid()) && found.size() < limit) {
        EngineIterator least = least(data, write);
        byte[] key = least.key();
        bytes += key.length + least.value().length;
        keys++;
        if (bytes >= partBytes || keys >= partKeys) {
          byte[] splitKey = userKey(DataKeys.origin(key));
          byte[] last = found.isEmpty() ? image.start() : found.getLast();
          if (Bytes.compare(splitKey, last) > 0 && image.contains(splitKey)) {
            found.add(splitKey);
            bytes = 0;
            keys = 0;
          }
        }
        least.next();
      }
    }
    return found;
  }

  private static EngineIterator least(EngineIterator a, EngineIterator b) {
    if (!a.valid()) {
      return b;
    }
    if (!b.valid()) {
      return a;
    }
    return Bytes.compare(a.key(), b.key()) <= 0 ? a : b;
  }

  /** Without the timestamp, when the rest is a whole memory-comparable encoding. */
  static byte[] userKey(byte[] key) {
    int length = key.length - TIMESTAMP;
    if (length <= 0 || length % GROUP != 0) {
      return key;
    }
    for (int marker = GROUP - 1; marker < length - 1; marker += GROUP) {
      if (key[marker] != (byte) 0xFF) {
        return key;
      }
    }
    int padding = 0xFF - (key[length - 1] & 0xFF);
    if (padding == 0 || padding > TIMESTAMP) {
      return key;
    }
    for (int i = 0; i < padding; i++) {
      if (key[length - 2 - i] != 0) {
        return key;
      }
    }
    return java.util.Arrays.copyOf(key, length);
  }
}
