package io.rutile.txn.testing;

import io.rutile.base.bytes.Bytes;
import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineIterator;
import io.rutile.engine.api.EngineSnapshot;
import io.rutile.engine.api.EngineStatistics;
import io.rutile.engine.api.KvEngine;
import io.rutile.engine.api.ReadOptions;
import io.rutile.engine.api.SstReader;
import io.rutile.engine.api.SstWriter;
import io.rutile.engine.api.WriteBatch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A small engine of sorted maps: each write copies the families that it changes, so that a snapshot
 * is a reference. Files are not supported.
 */
public final class MapKvEngine implements KvEngine {
  private volatile Map<Cf, NavigableMap<byte[], byte[]>> current = new EnumMap<>(Cf.class);

  public MapKvEngine() {
    for (Cf cf : Cf.values()) {
      current.put(cf, new TreeMap<>(Bytes.ORDER));
    }
  }

  @Override
  public EngineSnapshot snapshot() {
    return new View(current);
  }

  @Override
  public WriteBatch newWriteBatch() {
    return new Batch();
  }

  @Override
  public synchronized void write(WriteBatch batch, boolean sync) {
    Map<Cf, NavigableMap<byte[], byte[]>> next = new EnumMap<>(current);
    Map<Cf, NavigableMap<byte[], byte[]>> copies = new EnumMap<>(Cf.class);
    for (Change change : ((Batch) batch).changes) {
      NavigableMap<byte[], byte[]> family =
          copies.computeIfAbsent(change.cf, cf -> new TreeMap<>(next.get(cf)));
      change.apply(family);
      next.put(change.cf, family);
    }
    current = next;
  }

  @Override
  public byte @Nullable [] get(Cf cf, byte[] key) {
    return new View(current).get(cf, key);
  }

  @Override
  public EngineIterator iterator(Cf cf, byte[] lower, byte[] upper, ReadOptions options) {
    return new View(current).iterator(cf, lower, upper, options);
  }

  @Override
  public void syncWal() {}

  @Override
  public void flush(Cf cf) {}

  @Override
  public void compactRange(Cf cf, byte[] start, byte[] end, boolean bottommost) {}

  @Override
  public void deleteFilesInRange(Cf cf, byte[] start, byte[] end) {}

  @Override
  public SstWriter newSstWriter(Cf cf, Path file) {
    throw new UnsupportedOperationException("no files");
  }

  @Override
  public SstReader openSst(Path file) {
    throw new UnsupportedOperationException("no files");
  }

  @Override
  public void ingest(Cf cf, List<Path> files, boolean move) {
    throw new UnsupportedOperationException("no files");
  }

  @Override
  public long approximateSize(Cf cf, byte[] start, byte[] end) {
    return approximateKeys(cf, start, end);
  }

  @Override
  public long approximateKeys(Cf cf, byte[] start, byte[] end) {
    return new View(current).range(cf, start, end).size();
  }

  @Override
  public EngineStatistics statistics() {
    return new EngineStatistics(Map.of(), List.of(), 0, 0, 0, false);
  }

  @Override
  public void close() {}

  private record Change(Cf cf, byte[] key, byte @Nullable [] value, byte @Nullable [] rangeEnd) {
    void apply(NavigableMap<byte[], byte[]> family) {
      if (rangeEnd != null) {
        family.subMap(key, true, rangeEnd, false).clear();
      } else if (value == null) {
        family.remove(key);
      } else {
        family.put(key, value);
      }
    }
  }

  private static final class Batch implements WriteBatch {
    private final List<Change> changes = new ArrayList<>();

    @Override
    public void put(Cf cf, byte[] key, byte[] value) {
      changes.add(new Change(cf, key, value, null));
    }

    @Override
    public void delete(Cf cf, byte[] key) {
      changes.add(new Change(cf, key, null, null));
    }

    @Override
    public void deleteRange(Cf cf, byte[] start, byte[] end) {
      changes.add(new Change(cf, start, null, end));
    }

    @Override
    public int count() {
      return changes.size();
    }

    @Override
    public long sizeBytes() {
      return changes.stream().mapToLong(change -> change.key().length).sum();
    }

    @Override
    public void setSavePoint() {
      throw new UnsupportedOperationException("no save points");
    }

    @Override
    public void rollbackToSavePoint() {
      throw new UnsupportedOperationException("no save points");
    }

    @Override
    public void popSavePoint() {
      throw new UnsupportedOperationException("no save points");
    }

    @Override
    public void clear() {
      changes.clear();
    }

    @Override
    public void close() {}
  }

  private record View(Map<Cf, NavigableMap<byte[], byte[]>> families) implements EngineSnapshot {
    @Override
    public byte @Nullable [] get(Cf cf, byte[] key) {
      byte[] value = families.get(cf).get(key);
      return value == null ? null : value.clone();
    }

    NavigableMap<byte[], byte[]> range(Cf cf, byte[] lower, byte[] upper) {
      NavigableMap<byte[], byte[]> family = families.get(cf);
      if (upper.length == 0) {
        return family.tailMap(lower, true);
      }
      return Bytes.compare(lower, upper) >= 0
          ? new TreeMap<>(Bytes.ORDER)
          : family.subMap(lower, true, upper, false);
    }

    @Override
    public EngineIterator iterator(Cf cf, byte[] lower, byte[] upper, ReadOptions options) {
      return new Cursor(range(cf, lower, upper));
    }

    @Override
    public void close() {}
  }

  private static final class Cursor implements EngineIterator {
    private final NavigableMap<byte[], byte[]> range;
    private Map.@Nullable Entry<byte[], byte[]> at;

    Cursor(NavigableMap<byte[], byte[]> range) {
      this.range = range;
    }

    private boolean move(Map.@Nullable Entry<byte[], byte[]> entry) {
      at = entry;
      return entry != null;
    }

    @Override
    public boolean valid() {
      return at != null;
    }

    @Override
    public boolean seek(byte[] key) {
      return move(range.ceilingEntry(key));
    }

    @Override
    public boolean seekForPrev(byte[] key) {
      return move(range.floorEntry(key));
    }

    @Override
    public boolean seekToFirst() {
      return move(range.firstEntry());
    }

    @Override
    public boolean seekToLast() {
      return move(range.lastEntry());
    }

    @Override
    public boolean next() {
      return move(range.higherEntry(key()));
    }

    @Override
    public boolean prev() {
      return move(range.lowerEntry(key()));
    }

    @Override
    public byte[] key() {
      return at.getKey();
    }

    @Override
    public byte[] value() {
      return at.getValue().clone();
    }

    @Override
    public void close() {}
  }
}
