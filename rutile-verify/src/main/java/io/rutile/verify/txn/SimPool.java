package io.rutile.verify.txn;

import io.rutile.txn.pool.Priority;
import io.rutile.txn.pool.TaskPool;

/** A pool whose tasks run some time later, in any order, and which is full now and then. */
record SimPool(TxnSim sim) implements TaskPool {
  @Override
  public boolean offer(Priority priority, Runnable task) {
    if (sim.random.nextInt(500) == 0 && !sim.isCalm()) {
      return false;
    }
    resume(priority, task);
    return true;
  }

  @Override
  public void resume(Priority priority, Runnable task) {
    sim.after(sim.delay() / 4, task);
  }

  @Override
  public long estimatedWaitNanos() {
    return 0;
  }

  @Override
  public int queued() {
    return 0;
  }

  @Override
  public void close() {
    // What was taken in belongs to the simulation's queue of events.
  }
}
