package io.rutile.txn.gc;

import io.rutile.base.codec.KeyCodec;
import io.rutile.engine.api.Cf;
import io.rutile.engine.api.KvEngine;
import io.rutile.engine.api.WriteBatch;
import io.rutile.txn.gate.RegionErrors;
import io.rutile.txn.pool.Priority;
import io.rutile.txn.pool.TaskPool;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Destroys key ranges on this store only, without replication: whole files first, then what is
 * left. Repeating it does no harm. Work is queued to one background thread.
 */
public final class RangeDestroyer {
  /** How many tasks may wait; beyond, requests are answered "gc worker is busy". */
  public static final int MAX_QUEUED = 4096;

  private final KvEngine engine;
  private final TaskPool worker;

  public RangeDestroyer(KvEngine engine, TaskPool worker) {
    this.engine = engine;
    this.worker = worker;
  }

  /**
   * Destroys [start, end) of encoded keys, both given. The stage fails with a region error while
   * too much work waits.
   */
  public CompletionStage<Void> destroy(byte[] start, byte[] end) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    boolean taken =
        worker.offer(
            Priority.NORMAL,
            () -> {
              try {
                destroyNow(KeyCodec.dataKey(start), KeyCodec.dataKey(end));
                done.complete(null);
              } catch (RuntimeException e) {
                done.completeExceptionally(e);
              }
            });
    if (!taken) {
      done.completeExceptionally(RegionErrors.serverIsBusy("gc worker is busy"));
    }
    return done;
  }

  private void destroyNow(byte[] start, byte[] end) {
    for (Cf cf : Cf.data()) {
      engine.deleteFilesInRange(cf, start, end);
    }
    try (WriteBatch batch = engine.newWriteBatch()) {
      for (Cf cf : Cf.data()) {
        batch.deleteRange(cf, start, end);
      }
      engine.write(batch, true);
    }
  }
}
