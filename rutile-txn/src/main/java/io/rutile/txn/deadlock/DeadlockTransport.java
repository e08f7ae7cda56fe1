package io.rutile.txn.deadlock;

import io.rutile.proto.deadlock.DeadlockRequest;
import io.rutile.proto.deadlock.DeadlockResponse;

/** The way to the store that leads the first region. Implementations never block. */
@FunctionalInterface
public interface DeadlockTransport {
  /** For a store that is alone: there is nobody else to ask. */
  DeadlockTransport NONE =
      listener -> {
        listener.onClosed();
        return new Session() {
          @Override
          public void send(DeadlockRequest request) {}

          @Override
          public void close() {}
        };
      };

  /** Opens the stream; a failure to do so is reported as {@link Listener#onClosed}. */
  Session open(Listener listener);

  /** An open stream. */
  interface Session extends AutoCloseable {
    /** Sends in order; what is sent on a stream that has failed is lost. */
    void send(DeadlockRequest request);

    @Override
    void close();
  }

  /** Hears from the stream, on any thread. */
  interface Listener {
    /** The wait in the response closes a cycle. */
    void onDeadlock(DeadlockResponse response);

    /** The stream has ended, for whatever reason; the next report opens a new one. */
    void onClosed();
  }
}
