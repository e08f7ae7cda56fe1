package io.rutile.txn.storage;

import io.rutile.proto.kvrpcpb.Context;
import io.rutile.txn.gate.HotRows;
import io.rutile.txn.gate.RegionContext;
import io.rutile.txn.gate.RegionGate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Answers those point gets whose rows are at hand, on the calling thread: no snapshot, no other
 * thread, no wait. Whatever is not quite usual about a request or its region is left to the read
 * pool, which also finds the right words to refuse it.
 *
 * <p>One instance serves one frame; owned by the thread that hands it over.
 */
final class HotGets<Q, R> {
  private final RegionGate gate;
  private final Function<Q, Context> contexts;
  private final BiFunction<Q, HotRows, @Nullable R> answer;
  private final List<R> responses;
  private final int[] answered;
  private final int[] left;
  private int leftCount;

  /** Where the answers of the current run of one region begin: they are not confirmed yet. */
  private int runStart;

  /**
   * Prepares for a frame.
   *
   * @param answer the response from rows at hand, or null
   */
  HotGets(
      RegionGate gate,
      int requests,
      Function<Q, Context> contexts,
      BiFunction<Q, HotRows, @Nullable R> answer) {
    this.gate = gate;
    this.contexts = contexts;
    this.answer = answer;
    this.responses = new ArrayList<>(requests);
    this.answered = new int[requests];
    this.left = new int[requests];
  }

  /** The answer to a get that came alone, or null when it is left to the read pool. */
  static <Q, R> @Nullable R one(
      RegionGate gate, Q request, Context context, BiFunction<Q, HotRows, @Nullable R> answer) {
    if (context.getReplicaRead() || context.getStaleRead()) {
      return null;
    }
    HotRows rows = gate.hotRows(RegionContext.of(context));
    R response = rows == null ? null : answer.apply(request, rows);
    return response != null && rows != null && rows.confirm() ? response : null;
  }

  /** Answers what it can; returns the positions of the other requests. */
  int[] run(List<Q> requests, BatchSink<R> sink) {
    HotRows rows = null;
    Context last = null;
    for (int i = 0; i < requests.size(); i++) {
      Q request = requests.get(i);
      Context context = contexts.apply(request);
      if (last == null || !sameRegion(last, context)) {
        endRun(rows);
        rows = gate.hotRows(RegionContext.of(context));
        last = context;
      }
      R response =
          rows == null || context.getReplicaRead() || context.getStaleRead()
              ? null
              : answer.apply(request, rows);
      if (response == null) {
        left[leftCount++] = i;
      } else {
        answered[responses.size()] = i;
        responses.add(response);
      }
    }
    endRun(rows);
    if (!responses.isEmpty()) {
      sink.accept(Arrays.copyOf(answered, responses.size()), responses);
    }
    return Arrays.copyOf(left, leftCount);
  }

  private void endRun(@Nullable HotRows rows) {
    if (responses.size() > runStart && rows != null && !rows.confirm()) {
      for (int i = runStart; i < responses.size(); i++) {
        left[leftCount++] = answered[i];
      }
      responses.subList(runStart, responses.size()).clear();
    }
    runStart = responses.size();
  }

  private static boolean sameRegion(Context one, Context other) {
    return one == other
        || (one.getRegionId() == other.getRegionId()
            && one.getTerm() == other.getTerm()
            && one.getPeer().equals(other.getPeer())
            && one.getRegionEpoch().equals(other.getRegionEpoch()));
  }
}
