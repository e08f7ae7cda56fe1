package io.rutile.engine.memory;

import io.rutile.base.bytes.Bytes;
import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineException;
import io.rutile.engine.api.EngineIterator;
import io.rutile.engine.api.EngineMetric;
import io.rutile.engine.api.EngineSnapshot;
import io.rutile.engine.api.EngineStatistics;
import io.rutile.engine.api.KvEngine;
import io.rutile.engine.api.ReadOptions;
import io.rutile.engine.api.SstReader;
import io.rutile.engine.api.SstWriter;
import io.rutile.engine.api.WriteBatch;
import io.rutile.engine.batch.EncodedBatch;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A data engine in memory whose disk can lose power: {@link #crash} ends it and gives the engine
 * that a restarted process would find.
 *
 * <p>State is an immutable tree for each family, published by one volatile write, so a snapshot is
 * a reference and readers never wait. Beside it stands the durable state and the states of the
 * writes since: as in a write-ahead log, a power loss keeps the durable state and any prefix of
 * those writes, so one of these states is what a crash leaves, each batch whole or absent. At most
 * {@value #MAX_UNSYNCED_WRITES} of them are held; beyond, the oldest become durable, as the log of
 * a real engine reaches the disk by itself in the end.
 *
 * <p>SST files are real files under the paths that callers name, so that they can be copied and
 * damaged like RocksDB's. Writers are serialised; any thread may read.
 */
public final class MemoryKvEngine implements KvEngine {
  private static final int MAX_UNSYNCED_WRITES = 1024;

  private final ArrayDeque<MemoryState> unsynced = new ArrayDeque<>();
  private MemoryState durable;
  private volatile MemoryState current;
  private volatile boolean closed;

  public MemoryKvEngine() {
    this(MemoryState.EMPTY);
  }

  private MemoryKvEngine(MemoryState state) {
    this.durable = state;
    this.current = state;
  }

  /**
   * Cuts the power: ends this engine and returns what is found after the restart: all that was
   * synced, and of the later writes a prefix whose length {@code random} decides.
   */
  public synchronized MemoryKvEngine crash(RandomGenerator random) {
    requireOpen();
    closed = true;
    int survivors = random.nextInt(unsynced.size() + 1);
    MemoryState survivor = durable;
    for (int i = 0; i < survivors; i++) {
      survivor = unsynced.removeFirst();
    }
    return new MemoryKvEngine(survivor);
  }

  /** Ends the process but not the machine: returns an engine with everything written so far. */
  public synchronized MemoryKvEngine restart() {
    requireOpen();
    closed = true;
    return new MemoryKvEngine(current);
  }

  @Override
  public byte @Nullable [] get(Cf cf, byte[] key) {
    requireOpen();
    return read(current, cf, key);
  }

  @Override
  public EngineIterator iterator(Cf cf, byte[] lower, byte[] upper, ReadOptions options) {
    requireOpen();
    return new MemoryIterator(current.tree(cf), lower, upper, this::isClosed);
  }

  @Override
  public EngineSnapshot snapshot() {
    requireOpen();
    return new Snapshot(this, current);
  }

  @Override
  public WriteBatch newWriteBatch() {
    return new EncodedBatch();
  }

  @Override
  public synchronized void write(WriteBatch batch, boolean sync) {
    requireOpen();
    if (!(batch instanceof EncodedBatch encoded)) {
      throw new EngineException(
          EngineException.Kind.INVALID_ARGUMENT, "not a batch of this engine");
    }
    publish(current.after(encoded), sync);
  }

  @Override
  public synchronized void syncWal() {
    requireOpen();
    publish(current, true);
  }

  @Override
  public void flush(Cf cf) {
    syncWal();
  }

  @Override
  public void compactRange(Cf cf, byte[] start, byte[] end, boolean bottommost) {
    requireOpen();
  }

  /** A tree is one file that never lies inside a range, so no key goes. */
  @Override
  public void deleteFilesInRange(Cf cf, byte[] start, byte[] end) {
    requireOpen();
  }

  @Override
  public SstWriter newSstWriter(Cf cf, Path file) {
    requireOpen();
    return new MemorySstWriter(file);
  }

  @Override
  public SstReader openSst(Path file) {
    requireOpen();
    return new MemorySstReader(file, this::isClosed);
  }

  @Override
  public synchronized void ingest(Cf cf, List<Path> files, boolean move) {
    requireOpen();
    SortedTree tree = current.tree(cf);
    for (Path file : files) {
      tree = MemorySst.read(file).applyTo(tree);
    }
    publish(current.with(cf, tree), true);
    if (move) {
      files.forEach(MemorySst::delete);
    }
  }

  @Override
  public long approximateSize(Cf cf, byte[] start, byte[] end) {
    requireOpen();
    SortedTree tree = current.tree(cf);
    long bytes = 0;
    for (SortedTree.Node at = tree.atOrAfter(start);
        at != null && Bytes.inRange(at.key, start, end);
        at = tree.after(at.key)) {
      bytes += at.key.length + at.value.length;
    }
    return bytes;
  }

  @Override
  public long approximateKeys(Cf cf, byte[] start, byte[] end) {
    requireOpen();
    SortedTree tree = current.tree(cf);
    long keys = 0;
    for (SortedTree.Node at = tree.atOrAfter(start);
        at != null && Bytes.inRange(at.key, start, end);
        at = tree.after(at.key)) {
      keys++;
    }
    return keys;
  }

  @Override
  public EngineStatistics statistics() {
    requireOpen();
    long used = 0;
    for (Cf cf : Cf.values()) {
      used += approximateSize(cf, Bytes.EMPTY, Bytes.EMPTY);
    }
    EngineMetric size =
        new EngineMetric("tikv_engine_size_bytes", Map.of("db", "kv"), (double) used, false);
    return new EngineStatistics(Map.of(), List.of(size), used, 0, 0, false);
  }

  @Override
  public synchronized void close() {
    closed = true;
  }

  private void publish(MemoryState next, boolean sync) {
    if (sync) {
      unsynced.clear();
      durable = next;
    } else if (next != current) {
      unsynced.addLast(next);
      if (unsynced.size() > MAX_UNSYNCED_WRITES) {
        durable = unsynced.removeFirst();
      }
    }
    current = next;
  }

  private boolean isClosed() {
    return closed;
  }

  private void requireOpen() {
    if (closed) {
      throw new EngineException(EngineException.Kind.CLOSED, "the engine is closed");
    }
  }

  private static byte @Nullable [] read(MemoryState state, Cf cf, byte[] key) {
    byte[] value = state.tree(cf).get(key);
    return value == null ? null : value.clone();
  }

  /** A frozen state. */
  private static final class Snapshot implements EngineSnapshot {
    private final MemoryKvEngine engine;
    private final MemoryState state;
    private volatile boolean closed;

    Snapshot(MemoryKvEngine engine, MemoryState state) {
      this.engine = engine;
      this.state = state;
    }

    @Override
    public byte @Nullable [] get(Cf cf, byte[] key) {
      requireOpen();
      return read(state, cf, key);
    }

    @Override
    public EngineIterator iterator(Cf cf, byte[] lower, byte[] upper, ReadOptions options) {
      requireOpen();
      return new MemoryIterator(state.tree(cf), lower, upper, engine::isClosed);
    }

    @Override
    public void close() {
      closed = true;
    }

    private void requireOpen() {
      if (closed || engine.closed) {
        throw new EngineException(EngineException.Kind.CLOSED, "the snapshot is closed");
      }
    }
  }
}
