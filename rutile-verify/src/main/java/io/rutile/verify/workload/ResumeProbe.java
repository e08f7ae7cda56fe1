package io.rutile.verify.workload;

import io.rutile.base.error.RutileException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One client that writes one key of each region all the time, to see how long a region takes no
 * writes. Waits between writes are far below an election timeout.
 */
public final class ResumeProbe {
  private static final int REGIONS = Keys.SPLITS.size() + 1;
  private static final long PAUSE_MILLIS = 10;

  private final Connections connections;
  private final String name;
  private final Clients clients = new Clients();
  private final AtomicLong[] acknowledgedNanos = new AtomicLong[REGIONS];

  public ResumeProbe(Connections connections, String name) {
    this.connections = connections;
    this.name = name;
    for (int i = 0; i < REGIONS; i++) {
      acknowledgedNanos[i] = new AtomicLong(System.nanoTime());
    }
  }

  public void start() {
    for (int i = 0; i < REGIONS; i++) {
      int region = i;
      clients.start("probe-" + i, () -> step(region));
    }
  }

  private void step(int region) throws InterruptedException {
    long from = System.nanoTime();
    try {
      connections.raw().put(Keys.key(name, region), Keys.bytes(Long.toString(from)));
      acknowledgedNanos[region].set(from);
    } catch (RutileException e) {
      if (!Clients.bearable(e)) {
        throw e;
      }
    }
    TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
  }

  /** Whether each region has taken a write that was called after {@code nanos}. */
  public boolean writtenAfter(long nanos) {
    clients.check();
    for (AtomicLong acknowledged : acknowledgedNanos) {
      if (acknowledged.get() - nanos <= 0) {
        return false;
      }
    }
    return true;
  }

  public void end() {
    clients.end();
  }
}
