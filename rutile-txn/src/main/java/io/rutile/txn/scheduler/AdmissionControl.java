package io.rutile.txn.scheduler;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Accounts of the writes under way. Ordinary work is refused while too many bytes wait to be
 * written, while too much memory is held by requests, or when flow control says so; system and
 * high-priority work only adds to the accounts. Safe for use by any thread.
 */
final class AdmissionControl {
  /** Rough memory of a running command beside its request's bytes. */
  private static final long COMMAND_OVERHEAD_BYTES = 1024;

  private final AtomicLong pendingWriteBytes = new AtomicLong();
  private final AtomicLong memoryBytes = new AtomicLong();
  private final FlowControl flow;
  private volatile long pendingWriteThreshold;
  private volatile long memoryQuota;

  AdmissionControl(FlowControl flow, long pendingWriteThreshold, long memoryQuota) {
    this.flow = flow;
    this.pendingWriteThreshold = pendingWriteThreshold;
    this.memoryQuota = memoryQuota;
  }

  void setLimits(long newPendingWriteThreshold, long newMemoryQuota) {
    pendingWriteThreshold = newPendingWriteThreshold;
    memoryQuota = newMemoryQuota;
  }

  /** Whether the work is taken in; if so, {@link #leave} must follow with the same bytes. */
  boolean enter(long bytes, boolean exempt) {
    long memory = bytes + COMMAND_OVERHEAD_BYTES;
    boolean busy =
        !exempt
            && (pendingWriteBytes.get() >= pendingWriteThreshold
                || memoryBytes.get() + memory > memoryQuota
                || !flow.admits(bytes));
    if (busy) {
      return false;
    }
    pendingWriteBytes.addAndGet(bytes);
    memoryBytes.addAndGet(memory);
    return true;
  }

  void leave(long bytes) {
    pendingWriteBytes.addAndGet(-bytes);
    memoryBytes.addAndGet(-(bytes + COMMAND_OVERHEAD_BYTES));
  }

  long pendingWriteBytes() {
    return pendingWriteBytes.get();
  }
}
