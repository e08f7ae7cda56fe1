package io.rutile.rpc.server;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bytes of requests that are being handled, against a limit that may be changed at run time. Unary
 * calls are accounted by the server itself, from the arrival of the message to the end of the call.
 * A service with a long-lived stream accounts for its own frames: {@link #tryAcquire} on arrival,
 * {@link #release} when the last answer is written. Safe for use by any thread.
 */
public final class MemoryQuota {
  private final AtomicLong used = new AtomicLong();
  private volatile long limit;

  public MemoryQuota(long limitBytes) {
    this.limit = limitBytes;
  }

  public long limitBytes() {
    return limit;
  }

  /** Changes the limit; what is over it then goes on, new requests are refused. */
  public void setLimitBytes(long bytes) {
    limit = bytes;
  }

  public long usedBytes() {
    return used.get();
  }

  /** Accounts for {@code bytes} unless that would pass the limit. */
  public boolean tryAcquire(long bytes) {
    if (used.addAndGet(bytes) <= limit) {
      return true;
    }
    used.addAndGet(-bytes);
    return false;
  }

  public void release(long bytes) {
    used.addAndGet(-bytes);
  }

  /** What a refused caller is told. */
  public String refusal() {
    return "the memory for requests is used up: "
        + used.get()
        + " of "
        + limit
        + " bytes (server.grpc-memory-pool-quota); retry later or raise the quota";
  }
}
