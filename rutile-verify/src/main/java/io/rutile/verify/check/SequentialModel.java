package io.rutile.verify.check;

import java.util.List;
import java.util.Optional;

/**
 * The sequential object that a concurrent history is held against.
 *
 * @param <S> state; must have value equality
 */
public interface SequentialModel<S, I, O> {
  S initial();

  /**
   * The state after {@code input} took effect in {@code state}, or nothing when {@code output}
   * could not have been its answer. For an {@code open} call any answer is possible, and {@code
   * output} must not be looked at.
   */
  Optional<S> step(S state, I input, O output, boolean open);

  /**
   * Splits a history into parts that are linearizable one by one exactly when the whole is
   * (P-compositionality), by key as a rule.
   */
  default List<List<Operation<I, O>>> partition(List<Operation<I, O>> history) {
    return List.of(history);
  }
}
