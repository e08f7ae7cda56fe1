package io.rutile.engine.rocks;

import io.rutile.base.bytes.Bytes;
import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineException;
import io.rutile.engine.api.EngineIterator;
import io.rutile.engine.api.EngineSnapshot;
import io.rutile.engine.api.EngineStatistics;
import io.rutile.engine.api.KvEngine;
import io.rutile.engine.api.ReadOptions;
import io.rutile.engine.api.SstReader;
import io.rutile.engine.api.SstWriter;
import io.rutile.engine.api.WriteBatch;
import io.rutile.engine.batch.EncodedBatch;
import io.rutile.engine.handle.UseGate;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.IngestExternalFileOptions;
import org.rocksdb.Range;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.SizeApproximationFlag;
import org.rocksdb.Slice;
import org.rocksdb.Snapshot;
import org.rocksdb.WriteOptions;

/**
 * The data engine on RocksDB.
 *
 * <p>Lifetime is the dangerous part: a native object that is used after it was freed takes the
 * process down. So every use passes a {@link UseGate}: the engine's for its own calls, the object's
 * for snapshots, cursors and SST files. Closing the engine shuts its gate, waits for calls under
 * way, ends every object that is still open (each waits for its own users), and only then frees
 * families, database and options. A call that comes later is a typed error.
 *
 * <p>A write batch is one array in RocksDB's own form ({@link EncodedBatch}), so a write is one
 * crossing into native code. Synced writes of several threads are grouped by RocksDB itself: the
 * first writer writes the log for all who wait.
 *
 * <p>When the disk is full, RocksDB stops writes with an error of kind NO_SPACE, serves reads, and
 * resumes by itself within seconds after space has returned.
 */
public final class RocksKvEngine implements KvEngine {
  static {
    RocksDB.loadLibrary();
  }

  private static final int GATE_STRIPES = 16;

  /** Above every key: stands for "no bound" where RocksDB wants one. */
  private static final byte[] PAST_ALL_KEYS = pastAllKeys();

  private final String name;
  private final RocksOptions options;
  private final RocksDB database;
  private final ColumnFamilyHandle[] families;
  private final UseGate gate;
  private final Set<NativeChild> children = ConcurrentHashMap.newKeySet();
  private final org.rocksdb.ReadOptions pointReads = new org.rocksdb.ReadOptions();
  private final WriteOptions synced = new WriteOptions().setSync(true);
  private final WriteOptions unsynced = new WriteOptions();
  private final RocksMetrics metrics;

  private RocksKvEngine(
      Path path, RocksOptions options, RocksDB database, ColumnFamilyHandle[] families) {
    this.name = path.toString();
    this.options = options;
    this.database = database;
    this.families = families;
    this.gate = new UseGate("the engine in " + path, GATE_STRIPES);
    this.metrics = new RocksMetrics(database, families, options);
  }

  /**
   * Opens the engine in that directory, making it if there is none.
   *
   * @throws EngineException of kind LOCKED when another process has it, INVALID_ARGUMENT when it is
   *     not this program's, CORRUPTION naming the file that is damaged
   */
  public static RocksKvEngine open(Path path, RocksConfig config) {
    RocksOptions options = new RocksOptions(config);
    try {
      RocksOpener.Opened opened = RocksOpener.open(path, options);
      return new RocksKvEngine(path, options, opened.database(), opened.families());
    } catch (RuntimeException e) {
      options.close();
      throw e;
    }
  }

  @Override
  public byte @Nullable [] get(Cf cf, byte[] key) {
    int slot = gate.enter();
    try {
      return read(cf, pointReads, key);
    } finally {
      gate.exit(slot);
    }
  }

  @Override
  public byte[] @Nullable [] multiGet(Cf cf, List<byte[]> keys) {
    int slot = gate.enter();
    try {
      return readAll(cf, pointReads, keys);
    } finally {
      gate.exit(slot);
    }
  }

  @Override
  public EngineIterator iterator(Cf cf, byte[] lower, byte[] upper, ReadOptions how) {
    return open(cf, lower, upper, how, null);
  }

  @Override
  public EngineSnapshot snapshot() {
    int slot = gate.enter();
    try {
      return adopt(new RocksSnapshot(this, database.getSnapshot()));
    } finally {
      gate.exit(slot);
    }
  }

  @Override
  public WriteBatch newWriteBatch() {
    return new EncodedBatch();
  }

  @Override
  public void write(WriteBatch batch, boolean sync) {
    if (!(batch instanceof EncodedBatch encoded)) {
      throw new EngineException(
          EngineException.Kind.INVALID_ARGUMENT, "not a batch of this engine");
    }
    if (batch.count() == 0) {
      if (sync) {
        syncWal();
      }
      return;
    }
    int slot = gate.enter();
    try (org.rocksdb.WriteBatch changes = new org.rocksdb.WriteBatch(encoded.encoded())) {
      database.write(sync ? synced : unsynced, changes);
    } catch (RocksDBException e) {
      throw RocksErrors.translate(name + ": a write failed", e);
    } finally {
      gate.exit(slot);
    }
  }

  @Override
  public void syncWal() {
    run("the log cannot be synced", database::syncWal);
  }

  @Override
  public void flush(Cf cf) {
    run(
        "a flush failed",
        () -> {
          try (FlushOptions how = new FlushOptions().setWaitForFlush(true)) {
            database.flush(how, family(cf));
          }
        });
  }

  @Override
  public void compactRange(Cf cf, byte[] start, byte[] end, boolean bottommost) {
    run(
        "a compaction failed",
        () -> {
          try (CompactRangeOptions how = new CompactRangeOptions()) {
            how.setExclusiveManualCompaction(false);
            if (bottommost) {
              how.setBottommostLevelCompaction(
                  CompactRangeOptions.BottommostLevelCompaction.kForce);
            }
            database.compactRange(family(cf), start, end.length == 0 ? PAST_ALL_KEYS : end, how);
          }
        });
  }

  @Override
  public void deleteFilesInRange(Cf cf, byte[] start, byte[] end) {
    List<byte[]> range = List.of(start, end.length == 0 ? PAST_ALL_KEYS : end);
    run("files cannot be deleted", () -> database.deleteFilesInRanges(family(cf), range, false));
  }

  @Override
  public SstWriter newSstWriter(Cf cf, Path file) {
    int slot = gate.enter();
    try {
      return adopt(new RocksSstWriter(this, options.database(), options.family(cf), file));
    } finally {
      gate.exit(slot);
    }
  }

  @Override
  public SstReader openSst(Path file) {
    int slot = gate.enter();
    try {
      return adopt(new RocksSstReader(this, file));
    } finally {
      gate.exit(slot);
    }
  }

  @Override
  public void ingest(Cf cf, List<Path> files, boolean move) {
    if (files.isEmpty()) {
      return;
    }
    List<String> names = files.stream().map(Path::toString).toList();
    run(
        "SST files " + names + " cannot be ingested",
        () -> {
          try (IngestExternalFileOptions how = new IngestExternalFileOptions()) {
            how.setMoveFiles(move);
            database.ingestExternalFile(family(cf), names, how);
          }
        });
  }

  @Override
  public long approximateSize(Cf cf, byte[] start, byte[] end) {
    int slot = gate.enter();
    try {
      return size(
          cf,
          start,
          end,
          SizeApproximationFlag.INCLUDE_FILES,
          SizeApproximationFlag.INCLUDE_MEMTABLES);
    } finally {
      gate.exit(slot);
    }
  }

  /**
   * Keys in memtables by RocksDB's estimate; keys in files by the share of the range in all files'
   * bytes.
   */
  @Override
  public long approximateKeys(Cf cf, byte[] start, byte[] end) {
    int slot = gate.enter();
    try (Slice from = new Slice(start);
        Slice to = new Slice(end.length == 0 ? PAST_ALL_KEYS : end)) {
      Range range = new Range(from, to);
      long inMemory = database.getApproximateMemTableStats(family(cf), range).count;
      long allBytes = size(cf, Bytes.EMPTY, Bytes.EMPTY, SizeApproximationFlag.INCLUDE_FILES);
      if (allBytes == 0) {
        return inMemory;
      }
      double share = size(cf, start, end, SizeApproximationFlag.INCLUDE_FILES) / (double) allBytes;
      return inMemory + Math.round(share * metrics.keysInFiles(cf));
    } catch (RocksDBException e) {
      throw RocksErrors.translate(name + ": keys cannot be estimated", e);
    } finally {
      gate.exit(slot);
    }
  }

  @Override
  public EngineStatistics statistics() {
    int slot = gate.enter();
    try {
      return metrics.read();
    } catch (RocksDBException e) {
      throw RocksErrors.translate(name + ": statistics cannot be read", e);
    } finally {
      gate.exit(slot);
    }
  }

  @Override
  public void close() {
    if (!gate.close()) {
      return;
    }
    while (!children.isEmpty()) {
      children.forEach(NativeChild::close);
    }
    closeAll(List.of(pointReads, synced, unsynced));
    closeAll(List.of(families));
    try {
      database.closeE();
    } catch (RocksDBException e) {
      throw RocksErrors.translate(name + ": not closed cleanly", e);
    } finally {
      database.close();
      options.close();
    }
  }

  /** Native objects handed out and not yet closed: snapshots, cursors, SST readers and writers. */
  public int openHandles() {
    return children.size();
  }

  /** The directory, for messages. */
  String name() {
    return name;
  }

  void forget(NativeChild child) {
    children.remove(child);
  }

  /** Takes charge of a new object; called within the engine's gate or a child's. */
  <T extends NativeChild> T adopt(T child) {
    children.add(child);
    return child;
  }

  /** Called by a snapshot that is being freed, while the database is open. */
  void release(Snapshot snapshot) {
    database.releaseSnapshot(snapshot);
    snapshot.close();
  }

  byte @Nullable [] read(Cf cf, org.rocksdb.ReadOptions how, byte[] key) {
    try {
      return database.get(family(cf), how, key);
    } catch (RocksDBException e) {
      throw RocksErrors.translate(name + ": a read failed", e);
    }
  }

  /**
   * Reads several keys with one crossing into native code. RocksJava gives null for a key that
   * could not be read for lack of a working disk, as for one that is absent; so what comes back
   * null is read again alone, which tells the two apart.
   */
  byte[] @Nullable [] readAll(Cf cf, org.rocksdb.ReadOptions how, List<byte[]> keys) {
    if (keys.isEmpty()) {
      return new byte[0][];
    }
    List<byte[]> found;
    try {
      found = database.multiGetAsList(how, Collections.nCopies(keys.size(), family(cf)), keys);
    } catch (RocksDBException e) {
      throw RocksErrors.translate(name + ": a read failed", e);
    }
    byte[] @Nullable [] values = found.toArray(new byte[keys.size()] @Nullable []);
    for (int i = 0; i < values.length; i++) {
      if (values[i] == null) {
        values[i] = read(cf, how, keys.get(i));
      }
    }
    return values;
  }

  /** Opens a cursor on the current state or on a snapshot that the caller holds open. */
  RocksCursor open(
      Cf cf, byte[] lower, byte[] upper, ReadOptions how, @Nullable Snapshot snapshot) {
    int slot = gate.enter();
    try {
      List<AutoCloseable> with = new ArrayList<>(3);
      org.rocksdb.ReadOptions reads = new org.rocksdb.ReadOptions();
      with.add(reads);
      reads.setFillCache(how.fillCache());
      if (snapshot != null) {
        reads.setSnapshot(snapshot);
      }
      if (how.readaheadBytes() > 0) {
        reads.setReadaheadSize(how.readaheadBytes());
      }
      if (lower.length > 0) {
        Slice bound = new Slice(lower);
        with.add(bound);
        reads.setIterateLowerBound(bound);
      }
      if (upper.length > 0) {
        Slice bound = new Slice(upper);
        with.add(bound);
        reads.setIterateUpperBound(bound);
      }
      return adopt(RocksCursor.of(this, database.newIterator(family(cf), reads), with));
    } finally {
      gate.exit(slot);
    }
  }

  static void closeAll(List<? extends AutoCloseable> objects) {
    for (AutoCloseable object : objects) {
      try {
        object.close();
      } catch (Exception e) {
        throw new IllegalStateException("a native object cannot be freed", e);
      }
    }
  }

  private long size(Cf cf, byte[] start, byte[] end, SizeApproximationFlag... flags) {
    try (Slice from = new Slice(start);
        Slice to = new Slice(end.length == 0 ? PAST_ALL_KEYS : end)) {
      return database.getApproximateSizes(family(cf), List.of(new Range(from, to)), flags)[0];
    }
  }

  private ColumnFamilyHandle family(Cf cf) {
    return families[cf.ordinal()];
  }

  private void run(String failure, Action action) {
    int slot = gate.enter();
    try {
      action.run();
    } catch (RocksDBException e) {
      throw RocksErrors.translate(name + ": " + failure, e);
    } finally {
      gate.exit(slot);
    }
  }

  private static byte[] pastAllKeys() {
    byte[] key = new byte[64];
    Arrays.fill(key, (byte) 0xFF);
    return key;
  }

  /** A call that may fail in RocksDB. */
  private interface Action {
    void run() throws RocksDBException;
  }
}
