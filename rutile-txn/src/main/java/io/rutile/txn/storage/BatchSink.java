package io.rutile.txn.storage;

import java.util.List;

/** Takes the responses of requests that were handed over together, those of a group at a time. */
@FunctionalInterface
public interface BatchSink<R> {
  /**
   * Takes the responses of some of the requests.
   *
   * @param indexes for each response the position of its request in the list that was handed over;
   *     belongs to the callee
   */
  void accept(int[] indexes, List<R> responses);
}
