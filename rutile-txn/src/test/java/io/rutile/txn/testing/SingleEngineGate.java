package io.rutile.txn.testing;

import io.rutile.base.bytes.Bytes;
import io.rutile.base.codec.KeyCodec;
import io.rutile.engine.api.Cf;
import io.rutile.engine.api.KvEngine;
import io.rutile.engine.api.WriteBatch;
import io.rutile.txn.gate.Applied;
import io.rutile.txn.gate.HotRow;
import io.rutile.txn.gate.HotRows;
import io.rutile.txn.gate.Modify;
import io.rutile.txn.gate.ReadGuard;
import io.rutile.txn.gate.RegionContext;
import io.rutile.txn.gate.RegionErrors;
import io.rutile.txn.gate.RegionGate;
import io.rutile.txn.gate.RegionSnapshot;
import io.rutile.txn.gate.WriteBatchData;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A gate to one region on one engine, without replication: a write is applied by the thread that
 * proposes it. Rows that reads keep are at hand until the next write. Requests name the region by
 * {@link #REGION_ID} or not at all. Proposals can be held back, to look at what is visible before
 * they are applied.
 */
public final class SingleEngineGate implements RegionGate {
  public static final long REGION_ID = 1;

  private record RowKey(Cf cf, String key) {}

  private record KeptRow(long index, HotRow row) {}

  private record Held(WriteBatchData data, CompletableFuture<Applied> reply) {}

  private final KvEngine engine;
  private final long regionId;
  private final byte[] start;
  private final byte[] end;
  private final List<Held> held = new ArrayList<>();
  private boolean holding;
  private @Nullable RuntimeException nextFailure;
  private volatile long term = 6;
  private volatile long index = 5;
  private volatile boolean maxTsSynced = true;
  private volatile boolean leased = true;
  private final Map<RowKey, KeptRow> rows = new ConcurrentHashMap<>();
  private final AtomicInteger hits = new AtomicInteger();

  public SingleEngineGate(KvEngine engine) {
    this(engine, Bytes.EMPTY, Bytes.EMPTY);
  }

  /** A region of the encoded keys [start, end). */
  public SingleEngineGate(KvEngine engine, byte[] start, byte[] end) {
    this(engine, REGION_ID, start, end);
  }

  /** One of several regions on an engine. */
  public SingleEngineGate(KvEngine engine, long regionId, byte[] start, byte[] end) {
    this.engine = engine;
    this.regionId = regionId;
    this.start = start;
    this.end = end;
  }

  /** From now on proposals wait for {@link #releaseProposals()}. */
  public synchronized void holdProposals() {
    holding = true;
  }

  public synchronized int heldProposals() {
    return held.size();
  }

  public void releaseProposals() {
    List<Held> due;
    synchronized (this) {
      holding = false;
      due = List.copyOf(held);
      held.clear();
    }
    due.forEach(write -> apply(write.data(), write.reply()));
  }

  /** The next proposal fails with {@code failure} and is not applied. */
  public synchronized void failNextProposal(RuntimeException failure) {
    nextFailure = failure;
  }

  /** Begins a new term: commands that took their snapshot before fail at their proposal. */
  public void nextTerm() {
    term++;
  }

  public long term() {
    return term;
  }

  public void setMaxTsSynced(boolean synced) {
    maxTsSynced = synced;
  }

  @Override
  public CompletionStage<RegionSnapshot> snapshot(RegionContext context, ReadGuard guard) {
    long region = context.regionId();
    if (region != 0 && region != regionId) {
      return CompletableFuture.failedFuture(RegionErrors.regionNotFound(region));
    }
    // The index first: the snapshot may hold more than it says, never less.
    long held = index;
    return CompletableFuture.completedFuture(
        new EngineRegionSnapshot(
            engine.snapshot(),
            regionId,
            start,
            end,
            term,
            held,
            maxTsSynced,
            (cf, key, row) -> rows.put(new RowKey(cf, Bytes.hex(key)), new KeptRow(held, row))));
  }

  @Override
  public @Nullable HotRows hotRows(RegionContext context) {
    if (context.regionId() != regionId) {
      return null;
    }
    return new HotRows() {
      @Override
      public @Nullable HotRow find(Cf cf, byte[] encodedKey) {
        KeptRow kept = rows.get(new RowKey(cf, Bytes.hex(encodedKey)));
        if (kept == null || kept.index() != index) {
          return null;
        }
        hits.incrementAndGet();
        return kept.row();
      }

      @Override
      public boolean confirm() {
        return leased;
      }
    };
  }

  /** How many rows were found without a snapshot. */
  public int hits() {
    return hits.get();
  }

  /** Whether rows found without a snapshot may be told. */
  public void setLeased(boolean valid) {
    leased = valid;
  }

  @Override
  public CompletionStage<Applied> propose(RegionContext context, WriteBatchData data) {
    long region = context.regionId();
    if (region != 0 && region != regionId) {
      return CompletableFuture.failedFuture(RegionErrors.regionNotFound(region));
    }
    if (context.term() != 0 && context.term() != term) {
      return CompletableFuture.failedFuture(RegionErrors.staleCommand());
    }
    CompletableFuture<Applied> reply = new CompletableFuture<>();
    synchronized (this) {
      if (nextFailure != null) {
        reply.completeExceptionally(nextFailure);
        nextFailure = null;
        return reply;
      }
      if (holding) {
        held.add(new Held(data, reply));
        return reply;
      }
    }
    apply(data, reply);
    return reply;
  }

  private void apply(WriteBatchData data, CompletableFuture<Applied> reply) {
    Applied where;
    try {
      where = apply(data);
    } catch (RuntimeException e) {
      reply.completeExceptionally(e);
      return;
    }
    reply.complete(where);
  }

  /** Applies a write, whatever its proposer's term. */
  public Applied apply(WriteBatchData data) {
    try (WriteBatch batch = engine.newWriteBatch()) {
      for (Modify modify : data.modifies()) {
        add(batch, modify);
      }
      synchronized (this) {
        // Once before the write can be seen and once after: what is kept now is kept for nobody.
        index++;
        engine.write(batch, false);
        index++;
        return new Applied(term, index);
      }
    }
  }

  private void add(WriteBatch batch, Modify modify) {
    switch (modify) {
      case Modify.Put put -> {
        requireInside(put.key());
        batch.put(put.cf(), KeyCodec.dataKey(put.key()), put.value());
      }
      case Modify.Delete delete -> {
        requireInside(delete.key());
        batch.delete(delete.cf(), KeyCodec.dataKey(delete.key()));
      }
      case Modify.DeleteRange range -> {
        requireInside(range.start());
        if (!range.notifyOnly()) {
          batch.deleteRange(
              range.cf(), KeyCodec.dataKey(range.start()), KeyCodec.dataEndKey(range.end()));
        }
      }
    }
  }

  private void requireInside(byte[] key) {
    if (!Bytes.inRange(key, start, end)) {
      throw RegionErrors.keyNotInRegion(key, regionId, start, end);
    }
  }
}
