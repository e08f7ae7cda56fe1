package io.rutile.store.testing;

import io.rutile.proto.raftserverpb.RaftMessage;
import io.rutile.store.snapshot.SnapshotSource;
import io.rutile.store.transport.RaftTransport;
import java.util.Comparator;
import java.util.HashSet;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The network between simulated stores: every message takes a random time, may be lost or doubled,
 * and does not pass a cut link. Used by one thread.
 */
public final class SimNetwork {
  private static final long MIN_DELAY_NANOS = 100_000L;
  private static final long MAX_DELAY_NANOS = 5_000_000L;

  /** A message on its way. */
  record Flight(long arrivesNanos, long number, long from, long to, Runnable delivery) {}

  private record Link(long from, long to) {}

  private final SimClock clock;
  private final RandomGenerator random;
  private final PriorityQueue<Flight> flights =
      new PriorityQueue<>(
          Comparator.comparingLong(Flight::arrivesNanos).thenComparingLong(Flight::number));
  private final Set<Link> cut = new HashSet<>();
  private double dropRate;
  private double duplicateRate;
  private long sent;
  private long traceHash;
  private boolean damaging;

  SimNetwork(SimClock clock, RandomGenerator random) {
    this.clock = clock;
    this.random = random;
  }

  /** Messages and snapshots that have been sent so far. */
  public long sentCount() {
    return sent;
  }

  /** From now on this share of the messages is lost, and this share arrives twice. */
  public void disturb(double drops, double duplicates) {
    dropRate = drops;
    duplicateRate = duplicates;
  }

  public void cut(long from, long to) {
    cut.add(new Link(from, to));
  }

  public void cutBoth(long a, long b) {
    cut(a, b);
    cut(b, a);
  }

  /** From now on a bit of each chunk of a snapshot is wrong when it arrives, or is not. */
  public void damageSnapshots(boolean damage) {
    damaging = damage;
  }

  byte[] carried(byte[] chunk) {
    if (damaging) {
      chunk[random.nextInt(chunk.length)] ^= 1;
    }
    return chunk;
  }

  /** Mends every link and loses nothing any more. */
  public void heal() {
    cut.clear();
    dropRate = 0;
    duplicateRate = 0;
  }

  /** Of everything that was delivered so far, and when: equal for equal runs. */
  public long traceHash() {
    return traceHash;
  }

  long nextArrivalNanos() {
    Flight next = flights.peek();
    return next == null ? Long.MAX_VALUE : next.arrivesNanos();
  }

  /** Delivers what has arrived by now; returns whether anything had. */
  boolean deliver() {
    boolean delivered = false;
    Flight next = flights.peek();
    while (next != null && next.arrivesNanos() <= clock.monotonicNanos()) {
      flights.poll();
      if (!cut.contains(new Link(next.from(), next.to()))) {
        traceHash = 31 * (31 * (31 * traceHash + next.arrivesNanos()) + next.from()) + next.to();
        next.delivery().run();
        delivered = true;
      }
      next = flights.peek();
    }
    return delivered;
  }

  private void fly(long from, long to, Runnable delivery) {
    long delay = MIN_DELAY_NANOS + random.nextLong(MAX_DELAY_NANOS - MIN_DELAY_NANOS);
    flights.add(new Flight(clock.monotonicNanos() + delay, sent++, from, to, delivery));
  }

  /** The transport of one store. */
  RaftTransport transport(SimCluster cluster) {
    return new Transport(cluster);
  }

  private final class Transport implements RaftTransport {
    private final SimCluster cluster;

    Transport(SimCluster cluster) {
      this.cluster = cluster;
    }

    @Override
    public boolean send(RaftMessage message) {
      long from = message.getFromPeer().getStoreId();
      long to = message.getToPeer().getStoreId();
      if (cut.contains(new Link(from, to)) || random.nextDouble() < dropRate) {
        return false;
      }
      fly(from, to, () -> cluster.deliver(to, message));
      if (random.nextDouble() < duplicateRate) {
        fly(from, to, () -> cluster.deliver(to, message));
      }
      return true;
    }

    @Override
    public void flush() {}

    @Override
    public void sendSnapshot(RaftMessage head, SnapshotSource source, Consumer<Boolean> done) {
      long from = head.getFromPeer().getStoreId();
      long to = head.getToPeer().getStoreId();
      @Nullable RuntimeException lost =
          random.nextDouble() < dropRate ? new IllegalStateException("lost") : null;
      fly(
          from,
          to,
          () -> {
            try (source) {
              done.accept(lost == null && cluster.deliverSnapshot(to, head, source));
            }
          });
    }

    @Override
    public void close() {}
  }
}
