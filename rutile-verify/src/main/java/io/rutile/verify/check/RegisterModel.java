package io.rutile.verify.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A map of registers with read, write, delete and compare-and-swap: the raw key-value API as one
 * client sees one key. Values are strings; an absent key is {@link Optional#empty()}.
 */
public final class RegisterModel
    implements SequentialModel<Optional<String>, RegisterModel.Call, RegisterModel.Answer> {
  /** A call on one key. */
  public sealed interface Call {
    String key();

    record Get(String key) implements Call {}

    record Put(String key, String value) implements Call {}

    record Delete(String key) implements Call {}

    /** Writes {@code value} when the current value is {@code expected}. */
    record CompareAndSwap(String key, Optional<String> expected, String value) implements Call {}
  }

  /**
   * An answer.
   *
   * @param value what a get read, or what a compare-and-swap found
   * @param swapped whether a compare-and-swap wrote
   */
  public record Answer(Optional<String> value, boolean swapped) {
    public static final Answer DONE = new Answer(Optional.empty(), false);

    public static Answer read(Optional<String> value) {
      return new Answer(value, false);
    }

    public static Answer swap(boolean swapped, Optional<String> found) {
      return new Answer(found, swapped);
    }
  }

  @Override
  public Optional<String> initial() {
    return Optional.empty();
  }

  @Override
  public Optional<Optional<String>> step(
      Optional<String> state, Call call, Answer answer, boolean open) {
    return switch (call) {
      case Call.Get get ->
          open || answer.value().equals(state) ? Optional.of(state) : Optional.empty();
      case Call.Put put -> Optional.of(Optional.of(put.value()));
      case Call.Delete delete -> Optional.of(Optional.empty());
      case Call.CompareAndSwap swap -> stepSwap(state, swap, answer, open);
    };
  }

  private static Optional<Optional<String>> stepSwap(
      Optional<String> state, Call.CompareAndSwap swap, Answer answer, boolean open) {
    boolean matches = swap.expected().equals(state);
    if (!open && (answer.swapped() != matches || !answer.value().equals(state))) {
      return Optional.empty();
    }
    return Optional.of(matches ? Optional.of(swap.value()) : state);
  }

  @Override
  public List<List<Operation<Call, Answer>>> partition(List<Operation<Call, Answer>> history) {
    Map<String, List<Operation<Call, Answer>>> byKey = new TreeMap<>();
    for (Operation<Call, Answer> operation : history) {
      byKey.computeIfAbsent(operation.input().key(), key -> new ArrayList<>()).add(operation);
    }
    return List.copyOf(byKey.values());
  }
}
