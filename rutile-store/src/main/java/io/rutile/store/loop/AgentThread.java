package io.rutile.store.loop;

import io.rutile.base.clock.Clock;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Runs an agent on a platform thread of its own until it is stopped or the agent throws, which it
 * does only when an invariant or the disk broke: the failure is reported and the agent never runs
 * again.
 */
public final class AgentThread {
  /** Longest wait without looking around, whatever the agent says. */
  private static final long MAX_WAIT_NANOS = 1_000_000_000L;

  private final Agent agent;
  private final Clock clock;
  private final Consumer<Throwable> onFailure;
  private final Thread thread;
  private volatile boolean stopped;

  public AgentThread(Agent agent, Clock clock, Consumer<Throwable> onFailure) {
    this.agent = agent;
    this.clock = clock;
    this.onFailure = onFailure;
    this.thread = Thread.ofPlatform().name(agent.name()).unstarted(this::run);
  }

  public void start() {
    thread.start();
  }

  private void run() {
    try {
      while (!stopped) {
        if (!agent.turn()) {
          long wait = agent.nextTurnNanos();
          long nanos =
              wait == Long.MAX_VALUE
                  ? MAX_WAIT_NANOS
                  : Math.min(MAX_WAIT_NANOS, wait - clock.monotonicNanos());
          if (nanos > 0) {
            agent.mailbox().await(nanos);
          }
        }
      }
    } catch (RuntimeException | Error e) {
      onFailure.accept(e);
    } finally {
      agent.close();
    }
  }

  /** Ends the agent after the turn it is in and waits for that. */
  public void stop() {
    stopped = true;
    LockSupport.unpark(thread);
    boolean interrupted = false;
    while (thread.isAlive() && thread != Thread.currentThread()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
