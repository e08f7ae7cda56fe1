package io.rutile.verify.cluster;

import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A client that is written as if it blocked, in a simulation of one thread: it has a thread of its
 * own, but runs only while the simulation waits for it, until it waits for something itself. So
 * there is never more than one of them at work, and a seed repeats exactly.
 */
final class Fiber {
  /** What a client does. */
  interface Body {
    void run(Fiber self);
  }

  /** Ends a client whose simulation is over. */
  private static final class Ended extends RuntimeException {
    Ended() {
      super("the simulation is over", null, false, false);
    }
  }

  private final Semaphore go = new Semaphore(0);
  private final Semaphore back = new Semaphore(0);
  private BooleanSupplier awaited = () -> true;
  private long wakeNanos = Long.MAX_VALUE;
  private boolean over;
  private boolean abandoned;
  private @Nullable Throwable failure;

  Fiber(String name, Body body) {
    Thread.ofVirtual()
        .name(name)
        .start(() -> {
          go.acquireUninterruptibly();
          try {
            if (!abandoned) {
              body.run(this);
            }
          } catch (Ended e) {
            // As the simulation wants it.
          } catch (Throwable e) {
            failure = e;
          } finally {
            over = true;
            back.release();
          }
        });
  }

  // The simulation's side.

  /** Lets the client run when what it waits for is there; returns whether it ran. */
  boolean run(long nowNanos) {
    if (over || (nowNanos < wakeNanos && !awaited.getAsBoolean())) {
      return false;
    }
    go.release();
    back.acquireUninterruptibly();
    if (failure != null) {
      throw new IllegalStateException("a client broke", failure);
    }
    return true;
  }

  /** When the client has to run though nothing has happened. */
  long wakeNanos() {
    return over ? Long.MAX_VALUE : wakeNanos;
  }

  boolean over() {
    return over;
  }

  /** Ends the client wherever it is. */
  void abandon() {
    if (!over) {
      abandoned = true;
      go.release();
      back.acquireUninterruptibly();
    }
  }

  // The client's side.

  /** Waits until the condition holds or the time has come. */
  void await(BooleanSupplier condition, long untilNanos) {
    if (abandoned) {
      throw new Ended();
    }
    awaited = condition;
    wakeNanos = untilNanos;
    back.release();
    go.acquireUninterruptibly();
    if (abandoned) {
      throw new Ended();
    }
  }
}
