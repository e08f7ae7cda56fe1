package io.rutile.txn.storage;

/** Takes the responses of requests that were handed over together. */
@FunctionalInterface
public interface BatchSink<R> {
  /**
   * @param index position of the request in the list that was handed over
   */
  void accept(int index, R response);
}
