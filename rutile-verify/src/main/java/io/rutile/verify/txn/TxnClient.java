package io.rutile.verify.txn;

import java.util.List;
import java.util.concurrent.CompletionException;

/**
 * Runs one transaction after the other. When it dies the next transaction is that of another client
 * in its place.
 */
final class TxnClient {
  private static final int PAUSE_MAX_MILLIS = 20;

  private final TxnSim sim;
  private int left;
  private boolean done;

  TxnClient(TxnSim sim, int transactions) {
    this.sim = sim;
    this.left = transactions;
  }

  boolean isDone() {
    return done;
  }

  void begin() {
    if (left-- == 0) {
      done = true;
      return;
    }
    Session session = new Session(sim, sim.options.deathPerMille(), this::beginLater);
    new TxnRun(sim, session)
        .run()
        .whenComplete((ended, failure) -> {
          session.end();
          Throwable cause = failure instanceof CompletionException e ? e.getCause() : failure;
          if (cause != null && !(cause instanceof Unanswered)) {
            sim.history.violation(
                "a client broke: " + cause + " " + List.of(cause.getStackTrace()));
          }
          beginLater();
        });
  }

  private void beginLater() {
    sim.after(sim.random.nextInt(PAUSE_MAX_MILLIS) * SimOptions.MILLI, this::begin);
  }
}
