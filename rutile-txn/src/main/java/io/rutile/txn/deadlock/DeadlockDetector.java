package io.rutile.txn.deadlock;

import io.rutile.base.clock.Clock;
import io.rutile.proto.deadlock.DeadlockRequest;
import io.rutile.proto.deadlock.DeadlockRequestType;
import io.rutile.proto.deadlock.DeadlockResponse;
import io.rutile.proto.deadlock.WaitForEntry;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * This store's part in finding deadlocks. While it leads the first region it keeps the graph and
 * answers its own waits and those that other stores send; otherwise it reports its waits to the
 * store that does. A report that is lost costs a waiter its timeout, no more.
 *
 * <p>Threads: any, under one monitor that is never held while somebody else's code runs.
 */
public final class DeadlockDetector {
  private final WaitForGraph graph;
  private final DeadlockTransport transport;
  private Consumer<DeadlockResponse> listener = response -> {};
  private boolean leader;
  private DeadlockTransport.@Nullable Session session;
  private long sessionNumber;

  /**
   * @param ttl how long a wait counts that is not reported again
   */
  public DeadlockDetector(DeadlockTransport transport, Clock clock, Duration ttl) {
    this.transport = transport;
    this.graph = new WaitForGraph(clock, ttl);
  }

  /** Where deadlocks of this store's own waits are told, once, before the first wait. */
  public synchronized void onDeadlock(Consumer<DeadlockResponse> newListener) {
    listener = newListener;
  }

  /** Tells whether this store leads the first region from now on; the graph begins anew. */
  public void setLeader(boolean newLeader) {
    DeadlockTransport.Session old;
    synchronized (this) {
      if (leader == newLeader) {
        return;
      }
      leader = newLeader;
      graph.clear();
      old = session;
      session = null;
      sessionNumber++;
    }
    if (old != null) {
      old.close();
    }
  }

  public synchronized boolean isLeader() {
    return leader;
  }

  /** Changes how long a wait counts that is not reported again. */
  public synchronized void setTtl(Duration ttl) {
    graph.setTtl(ttl);
  }

  /** Reports a wait of this store. */
  public void detect(WaitForEntry wait) {
    report(DeadlockRequestType.Detect, wait);
  }

  /** Takes back one wait of this store. */
  public void cleanUpWaitFor(WaitForEntry wait) {
    report(DeadlockRequestType.CleanUpWaitFor, wait);
  }

  private void report(DeadlockRequestType type, WaitForEntry entry) {
    DeadlockRequest request = DeadlockRequest.newBuilder().setTp(type).setEntry(entry).build();
    Consumer<DeadlockResponse> told;
    boolean local;
    synchronized (this) {
      told = listener;
      local = leader;
    }
    if (local) {
      handle(request).ifPresent(told);
    } else {
      session(told).send(request);
    }
  }

  private DeadlockTransport.Session session(Consumer<DeadlockResponse> told) {
    long number;
    synchronized (this) {
      if (session != null) {
        return session;
      }
      number = ++sessionNumber;
    }
    DeadlockTransport.Session opened =
        transport.open(
            new DeadlockTransport.Listener() {
              @Override
              public void onDeadlock(DeadlockResponse response) {
                told.accept(response);
              }

              @Override
              public void onClosed() {
                forget(number);
              }
            });
    synchronized (this) {
      if (sessionNumber == number) {
        session = opened;
      }
    }
    return opened;
  }

  private synchronized void forget(long number) {
    if (sessionNumber == number) {
      sessionNumber++;
      session = null;
    }
  }

  /**
   * Handles a request as the leader: from this store or, through the service, from another.
   *
   * @return the deadlock that a Detect request has found; its chain leaves out the request's own
   *     wait
   */
  public synchronized Optional<DeadlockResponse> handle(DeadlockRequest request) {
    WaitForEntry entry = request.getEntry();
    return switch (request.getTp()) {
      case Detect ->
          graph
              .detect(entry)
              .map(cycle ->
                  DeadlockResponse.newBuilder()
                      .setEntry(entry)
                      .setDeadlockKeyHash(cycle.keyHash())
                      .addAllWaitChain(cycle.chain())
                      .build());
      case CleanUpWaitFor -> {
        graph.cleanUpWaitFor(entry.getTxn(), entry.getWaitForTxn(), entry.getKeyHash());
        yield Optional.empty();
      }
      case CleanUp -> {
        graph.cleanUp(entry.getTxn());
        yield Optional.empty();
      }
      case UNRECOGNIZED -> Optional.empty();
    };
  }
}
