package io.rutile.pd.meta;

import com.google.protobuf.ByteString;
import io.rutile.base.clock.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import org.jspecify.annotations.Nullable;

/**
 * Leases and the keys attached to them. Grants, revocations and attachments come from the log and
 * are the same on every member. Deadlines are local: only the leader's count, a new leader starts
 * every lease anew ({@link #renewAll}), so that a lease never ends too early.
 *
 * <p>Owned by: the store's thread. Reads through {@link LeaseView} are safe from any thread.
 */
final class LeaseTable implements LeaseView {
  private static final class Lease {
    private final long ttlSeconds;
    private final ConcurrentSkipListSet<ByteString> keys =
        new ConcurrentSkipListSet<>(KeyRanges.ORDER);
    private volatile long deadlineNanos;

    private Lease(long ttlSeconds) {
      this.ttlSeconds = ttlSeconds;
    }
  }

  private final ConcurrentSkipListMap<Long, Lease> leases = new ConcurrentSkipListMap<>();
  private final Map<ByteString, Long> leaseOfKey = new ConcurrentHashMap<>();
  private final Clock clock;

  LeaseTable(Clock clock) {
    this.clock = clock;
  }

  void grant(long id, long ttlSeconds) {
    Lease lease = new Lease(ttlSeconds);
    lease.deadlineNanos = deadline(ttlSeconds);
    leases.put(id, lease);
  }

  private long deadline(long ttlSeconds) {
    return clock.monotonicNanos() + ttlSeconds * 1_000_000_000L;
  }

  void remove(long id) {
    Lease lease = leases.remove(id);
    if (lease != null) {
      for (ByteString key : lease.keys) {
        leaseOfKey.remove(key, id);
      }
    }
  }

  void attach(ByteString key, long leaseId) {
    detach(key);
    Lease lease = leases.get(leaseId);
    if (lease != null) {
      lease.keys.add(key);
      leaseOfKey.put(key, leaseId);
    }
  }

  void detach(ByteString key) {
    Long old = leaseOfKey.remove(key);
    Lease lease = old == null ? null : leases.get(old);
    if (lease != null) {
      lease.keys.remove(key);
    }
  }

  /** Starts the lease anew; its granted seconds, 0 when it is gone. */
  long renew(long id) {
    Lease lease = leases.get(id);
    if (lease == null) {
      return 0;
    }
    lease.deadlineNanos = deadline(lease.ttlSeconds);
    return lease.ttlSeconds;
  }

  void renewAll() {
    for (Lease lease : leases.values()) {
      lease.deadlineNanos = deadline(lease.ttlSeconds);
    }
  }

  /** Leases whose time is over. */
  List<Long> expired() {
    long now = clock.monotonicNanos();
    List<Long> over = new ArrayList<>();
    for (Map.Entry<Long, Lease> entry : leases.entrySet()) {
      if (entry.getValue().deadlineNanos - now < 0) {
        over.add(entry.getKey());
      }
    }
    return over;
  }

  void clear() {
    leases.clear();
    leaseOfKey.clear();
  }

  @Override
  public List<Long> ids() {
    return List.copyOf(leases.keySet());
  }

  @Override
  public boolean exists(long leaseId) {
    return leases.containsKey(leaseId);
  }

  @Override
  public long grantedTtlSeconds(long leaseId) {
    Lease lease = leases.get(leaseId);
    return lease == null ? 0 : lease.ttlSeconds;
  }

  @Override
  public long remainingSeconds(long leaseId) {
    Lease lease = leases.get(leaseId);
    return lease == null
        ? -1
        : Math.max(0, (lease.deadlineNanos - clock.monotonicNanos()) / 1_000_000_000L);
  }

  @Override
  public List<ByteString> keys(long leaseId) {
    @Nullable Lease lease = leases.get(leaseId);
    return lease == null ? List.of() : List.copyOf(lease.keys);
  }
}
