package io.rutile.pd.schedule;

import io.rutile.pd.schedule.operator.Operator;
import java.util.List;

/**
 * What a checker or scheduler wants done.
 *
 * @param operators to be started together; empty for nothing
 * @param reason why nothing, for people; empty otherwise
 */
public record Proposal(List<Operator> operators, String reason) {
  public static Proposal of(Operator operator) {
    return new Proposal(List.of(operator), "");
  }

  public static Proposal of(List<Operator> operators) {
    return new Proposal(List.copyOf(operators), "");
  }

  public static Proposal nothing(String reason) {
    return new Proposal(List.of(), reason);
  }

  public boolean isEmpty() {
    return operators.isEmpty();
  }
}
