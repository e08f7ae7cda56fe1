package io.rutile.verify.txn;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One transaction's life of a client, as far as the network sees it: sends again what got no
 * answer, and may die at any request, after which nothing of it goes on.
 */
final class Session {
  private static final int ATTEMPTS = 5;

  private final TxnSim sim;
  private final int deathPerMille;
  private final Runnable onDeath;
  private final List<Long> opened = new ArrayList<>();
  private boolean over;

  Session(TxnSim sim, int deathPerMille, Runnable onDeath) {
    this.sim = sim;
    this.deathPerMille = deathPerMille;
    this.onDeath = onDeath;
  }

  /** Keeps garbage collection below a transaction while this session lives. */
  void open(long startTs) {
    opened.add(startTs);
    sim.open.begin(startTs);
  }

  void close(long startTs) {
    if (opened.remove(startTs)) {
      sim.open.end(startTs);
    }
  }

  /** The session has done all that it had to. */
  void end() {
    over = true;
    opened.forEach(sim.open::end);
    opened.clear();
  }

  private boolean dies() {
    if (over) {
      return true;
    }
    if (!sim.isCalm() && sim.random.nextInt(1000) < deathPerMille) {
      end();
      sim.deaths++;
      onDeath.run();
      return true;
    }
    return false;
  }

  /**
   * The response to a request about the region of {@code key}.
   *
   * @return fails with {@link Unanswered} when nobody answers
   */
  <R extends Message> CompletableFuture<R> call(Message request, String key, long startTs) {
    return call(request, sim.regionOf(key), startTs);
  }

  <R extends Message> CompletableFuture<R> call(Message request, SimRegion region, long startTs) {
    CompletableFuture<R> result = new CompletableFuture<>();
    attempt(request, region, startTs, 1, result);
    return result;
  }

  private <R extends Message> void attempt(
      Message request, SimRegion region, long startTs, int number, CompletableFuture<R> result) {
    boolean sends = !dies();
    if (!sends && sim.random.nextBoolean()) {
      return;
    }
    CompletableFuture<Message> answer = sim.network.send(request, region, startTs, number > 1);
    if (sends) {
      answer.whenComplete((response, failure) -> {
        if (!dies()) {
          onAnswer(request, region, startTs, number, result, response);
        }
      });
    }
  }

  @SuppressWarnings("unchecked") // The network answers with the response type of the request.
  private <R extends Message> void onAnswer(
      Message request,
      SimRegion region,
      long startTs,
      int number,
      CompletableFuture<R> result,
      @Nullable Message response) {
    if (response != null && !hasRegionError(response)) {
      result.complete((R) response);
    } else if (number == ATTEMPTS && !sim.isCalm()) {
      result.completeExceptionally(new Unanswered("no answer"));
    } else {
      long pause = (5 + sim.random.nextInt(20)) * SimOptions.MILLI;
      sim.after(pause, () -> attempt(request, region, startTs, number + 1, result));
    }
  }

  private static boolean hasRegionError(Message response) {
    FieldDescriptor field = response.getDescriptorForType().findFieldByName("region_error");
    return field != null && response.hasField(field);
  }

  CompletableFuture<Void> pause() {
    return sleep((1 + sim.random.nextInt(30)) * SimOptions.MILLI);
  }

  CompletableFuture<Void> sleep(long nanos) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    sim.after(
        nanos,
        () -> {
          if (!over) {
            done.complete(null);
          }
        });
    return done;
  }

  /** One step after the other. */
  static <T> CompletableFuture<Void> inTurn(
      List<T> items, Function<T, CompletableFuture<Void>> step) {
    CompletableFuture<Void> done = CompletableFuture.completedFuture(null);
    for (T item : items) {
      done = done.thenCompose(before -> step.apply(item));
    }
    return done;
  }

  /** All at once, or one after the other. */
  <T> CompletableFuture<Void> forAll(List<T> items, Function<T, CompletableFuture<Void>> step) {
    return sim.random.nextBoolean()
        ? inTurn(items, step)
        : CompletableFuture.allOf(items.stream().map(step).toArray(CompletableFuture<?>[]::new));
  }
}
