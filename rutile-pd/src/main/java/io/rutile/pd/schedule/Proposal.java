package io.rutile.pd.schedule;

import io.rutile.pd.schedule.operator.Operator;
import java.util.List;

/**
 * What a checker or scheduler wants done.
 *
 * @param groups operators; those of a group are started together or not at all
 * @param reason why nothing, for people; empty otherwise
 */
public record Proposal(List<List<Operator>> groups, String reason) {
  public static Proposal of(Operator operator) {
    return new Proposal(List.of(List.of(operator)), "");
  }

  /** Operators that only make sense together. */
  public static Proposal together(List<Operator> operators) {
    return new Proposal(List.of(List.copyOf(operators)), "");
  }

  /** Operators of which each makes sense without the others. */
  public static Proposal each(List<Operator> operators) {
    return new Proposal(operators.stream().map(List::of).toList(), "");
  }

  public static Proposal nothing(String reason) {
    return new Proposal(List.of(), reason);
  }

  public boolean isEmpty() {
    return groups.isEmpty();
  }
}
