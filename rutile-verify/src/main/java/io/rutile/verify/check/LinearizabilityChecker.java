package io.rutile.verify.check;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a history is linearizable against a sequential model: whether each call can be
 * given one moment between its call and its answer so that the answers are those of the model in
 * that order.
 *
 * <p>The algorithm is the one of Wing and Gong, with Lowe's cache of visited (set of linearized
 * calls, state) pairs and with P-compositionality as in Horn and Kroening: "Faster linearizability
 * checking via P-compositionality" (2015). The search walks a doubly linked list of call and return
 * events in time order; linearizing a call lifts both of its events out of the list, backtracking
 * puts them in again. The worst case is exponential, so the search has a budget of steps; when it
 * is used up the verdict is {@link Verdict#UNKNOWN}, which tests treat as a failure.
 *
 * <p>Stateless and deterministic; safe for use by any thread.
 */
public final class LinearizabilityChecker<S, I, O> {
  /** The outcome of a check. */
  public enum Verdict {
    LINEARIZABLE,
    NOT_LINEARIZABLE,
    /** The budget of steps was used up first. */
    UNKNOWN
  }

  /**
   * What a check found.
   *
   * @param steps calls tried in all parts together
   * @param culprit the part that is not linearizable or was not decided, empty otherwise
   */
  public record Result<I, O>(Verdict verdict, long steps, List<Operation<I, O>> culprit) {}

  private record Visited<S>(BitSet linearized, S state) {}

  private record Frame<S, I, O>(Event<I, O> call, S stateBefore) {}

  private final SequentialModel<S, I, O> model;
  private final long maxSteps;

  /**
   * @param maxSteps budget for each part of the history
   */
  public LinearizabilityChecker(SequentialModel<S, I, O> model, long maxSteps) {
    this.model = model;
    this.maxSteps = maxSteps;
  }

  public Result<I, O> check(List<Operation<I, O>> history) {
    long steps = 0;
    for (List<Operation<I, O>> part : model.partition(history)) {
      Search search = new Search(part);
      Verdict verdict = search.run();
      steps += search.steps;
      if (verdict != Verdict.LINEARIZABLE) {
        return new Result<>(verdict, steps, part);
      }
    }
    return new Result<>(Verdict.LINEARIZABLE, steps, List.of());
  }

  /** One event of the list; a call knows its return. The head of the list has no operation. */
  private static final class Event<I, O> {
    final int id;
    final @Nullable Operation<I, O> operation;
    final @Nullable Event<I, O> match;
    @Nullable Event<I, O> previous;
    @Nullable Event<I, O> next;

    Event(int id, @Nullable Operation<I, O> operation, @Nullable Event<I, O> match) {
      this.id = id;
      this.operation = operation;
      this.match = match;
    }

    boolean isCall() {
      return match != null;
    }

    void unlink() {
      if (previous != null) {
        previous.next = next;
      }
      if (next != null) {
        next.previous = previous;
      }
    }

    void relink() {
      if (previous != null) {
        previous.next = this;
      }
      if (next != null) {
        next.previous = this;
      }
    }
  }

  private record Moment<I, O>(long time, boolean isReturn, Event<I, O> event) {}

  private final class Search {
    private final Event<I, O> head = new Event<>(-1, null, null);
    private final int answered;
    private final int size;
    private long steps;

    Search(List<Operation<I, O>> operations) {
      size = operations.size();
      List<Moment<I, O>> moments = new ArrayList<>(2 * size);
      int closed = 0;
      for (int id = 0; id < size; id++) {
        Operation<I, O> operation = operations.get(id);
        Event<I, O> end = new Event<>(id, operation, null);
        moments.add(new Moment<>(operation.call(), false, new Event<>(id, operation, end)));
        moments.add(new Moment<>(operation.returned(), true, end));
        closed += operation.open() ? 0 : 1;
      }
      answered = closed;
      // At one moment calls come first: such operations overlap.
      moments.sort(
          Comparator.<Moment<I, O>>comparingLong(Moment::time)
              .thenComparing(Moment::isReturn)
              .thenComparingInt(moment -> moment.event().id));
      Event<I, O> last = head;
      for (Moment<I, O> moment : moments) {
        last.next = moment.event();
        moment.event().previous = last;
        last = moment.event();
      }
    }

    Verdict run() {
      Set<Visited<S>> cache = new HashSet<>();
      Deque<Frame<S, I, O>> path = new ArrayDeque<>();
      BitSet linearized = new BitSet(size);
      S state = model.initial();
      int closedDone = 0;
      Event<I, O> at = head.next;
      while (closedDone < answered) {
        if (at != null && at.isCall()) {
          if (++steps > maxSteps) {
            return Verdict.UNKNOWN;
          }
          Operation<I, O> operation = operationOf(at);
          Optional<S> after =
              model.step(state, operation.input(), operation.output(), operation.open());
          if (after.isPresent() && remember(cache, linearized, at.id, after.get())) {
            path.push(new Frame<>(at, state));
            state = after.get();
            linearized.set(at.id);
            closedDone += operation.open() ? 0 : 1;
            lift(at);
            at = head.next;
          } else {
            at = at.next;
          }
          continue;
        }
        // A return of a call that is not linearized yet: nothing after it may come before it.
        if (at != null && operationOf(at).open()) {
          at = at.next;
          continue;
        }
        Frame<S, I, O> undone = path.poll();
        if (undone == null) {
          return Verdict.NOT_LINEARIZABLE;
        }
        state = undone.stateBefore();
        linearized.clear(undone.call().id);
        closedDone -= operationOf(undone.call()).open() ? 0 : 1;
        putBack(undone.call());
        at = undone.call().next;
      }
      return Verdict.LINEARIZABLE;
    }

    private boolean remember(Set<Visited<S>> cache, BitSet linearized, int id, S state) {
      BitSet with = (BitSet) linearized.clone();
      with.set(id);
      return cache.add(new Visited<>(with, state));
    }

    private void lift(Event<I, O> call) {
      call.unlink();
      if (call.match != null) {
        call.match.unlink();
      }
    }

    private void putBack(Event<I, O> call) {
      if (call.match != null) {
        call.match.relink();
      }
      call.relink();
    }

    private Operation<I, O> operationOf(Event<I, O> event) {
      Operation<I, O> operation = event.operation;
      if (operation == null) {
        throw new IllegalStateException("the head of the list has no operation");
      }
      return operation;
    }
  }
}
