package io.rutile.pd.schedule;

import io.rutile.base.error.RutileException;
import io.rutile.pd.id.IdAllocator;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ids for new peers at hand, so that the cluster loop never waits for one. When few are left a
 * virtual thread fetches more; while none is left the answer is 0 and the plan has to wait.
 */
public final class PeerIds implements LongSupplier {
  private static final Logger LOG = LoggerFactory.getLogger(PeerIds.class);
  private static final int LOW = 64;
  private static final int BLOCK = 256;

  private final IdAllocator ids;
  private final ConcurrentLinkedQueue<Long> ready = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean fetching = new AtomicBoolean();

  public PeerIds(IdAllocator ids) {
    this.ids = ids;
    fetch();
  }

  @Override
  public long getAsLong() {
    Long id = ready.poll();
    if (ready.size() < LOW) {
      fetch();
    }
    return id == null ? 0 : id;
  }

  private void fetch() {
    if (fetching.compareAndSet(false, true)) {
      Thread.ofVirtual().name("pd-peer-ids").start(this::fill);
    }
  }

  private void fill() {
    try {
      long last = ids.allocate(BLOCK);
      for (long id = last - BLOCK + 1; id <= last; id++) {
        ready.add(id);
      }
    } catch (RutileException e) {
      LOG.warn("no ids for new peers: {}", e.getMessage());
    } finally {
      fetching.set(false);
    }
  }
}
