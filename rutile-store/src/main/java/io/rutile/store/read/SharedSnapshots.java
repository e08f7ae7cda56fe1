package io.rutile.store.read;

import io.rutile.base.error.ErrorCategory;
import io.rutile.base.error.RutileException;
import io.rutile.engine.api.EngineSnapshot;
import io.rutile.engine.api.KvEngine;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Engine snapshots shared by reads between which nothing was written.
 *
 * <p>Every writer of the engine calls {@link #onWritten()} after its change is readable and before
 * anybody is told of it. A snapshot carries the value of that counter from before it was taken; a
 * read that finds the counter unchanged may share the snapshot, since every write acknowledged
 * before the read began had raised the counter before the snapshot was taken. Reads under a steady
 * write load get a snapshot for each batch of writes instead of one each.
 *
 * <p>Safe for use by any thread; takes no lock.
 */
public final class SharedSnapshots implements AutoCloseable {
  private final KvEngine engine;
  private final AtomicLong written = new AtomicLong();
  private final AtomicReference<@Nullable Shared> current = new AtomicReference<>();
  private volatile boolean closed;

  public SharedSnapshots(KvEngine engine) {
    this.engine = engine;
  }

  /** Something became readable in the engine. */
  public void onWritten() {
    written.incrementAndGet();
  }

  /** A snapshot with everything acknowledged so far, held for the caller, who releases it. */
  public Shared acquire() {
    while (true) {
      long now = written.get();
      Shared held = current.get();
      if (held != null && held.tag == now && held.retain()) {
        return held;
      }
      if (closed) {
        throw new StoreClosedException();
      }
      Shared fresh = new Shared(engine.snapshot(), now);
      fresh.users.incrementAndGet();
      if (current.compareAndSet(held, fresh)) {
        if (held != null) {
          held.release();
        }
        if (closed) {
          expire();
        }
        return fresh;
      }
      // Another thread's came first and is used by all: of two snapshots between the same counts
      // one may hold a write that is not counted yet, and who has seen that write must not be
      // followed by a reader who does not.
      fresh.release();
      fresh.release();
    }
  }

  /** Lets go of the snapshot kept for sharing when it is out of date, so that it pins nothing. */
  public void trim() {
    Shared held = current.get();
    if (held != null && held.tag != written.get()) {
      expire();
    }
  }

  private void expire() {
    Shared held = current.getAndSet(null);
    if (held != null) {
      held.release();
    }
  }

  @Override
  public void close() {
    closed = true;
    expire();
  }

  /** One engine snapshot with its users counted; closed by the last of them. */
  public static final class Shared {
    private final EngineSnapshot snapshot;
    private final long tag;
    private final AtomicInteger users = new AtomicInteger(1);

    private Shared(EngineSnapshot snapshot, long tag) {
      this.snapshot = snapshot;
      this.tag = tag;
    }

    public EngineSnapshot snapshot() {
      return snapshot;
    }

    private boolean retain() {
      int held = users.get();
      while (held > 0) {
        if (users.compareAndSet(held, held + 1)) {
          return true;
        }
        held = users.get();
      }
      return false;
    }

    public void release() {
      if (users.decrementAndGet() == 0) {
        snapshot.close();
      }
    }
  }

  private static final class StoreClosedException extends RutileException {
    StoreClosedException() {
      super("KV:Storage:Closed", ErrorCategory.RETRY_ELSEWHERE, "the store is closed");
    }
  }
}
