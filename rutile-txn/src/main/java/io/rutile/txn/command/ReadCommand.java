package io.rutile.txn.command;

import com.google.protobuf.Message;
import io.rutile.proto.errorpb.Error;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.txn.error.TxnException;
import io.rutile.txn.gate.ReadGuard;

/**
 * A request that only reads. It runs in two steps, {@link #beforeSnapshot} and {@link #read}, with
 * the snapshot of {@link #guard()} taken in between: that order is what makes async commit correct.
 *
 * @param <R> the response message
 */
public interface ReadCommand<R extends Message> {
  /** The name that metrics and logs use for this kind of read. */
  String tag();

  Context context();

  ReadGuard guard();

  /** The timestamp of the read; 0 for a look at records as they are. */
  default long readTs() {
    return 0;
  }

  /**
   * Raises max_ts and checks the locks in memory.
   *
   * @throws TxnException when such a lock blocks the read
   */
  void beforeSnapshot(ConcurrencyView concurrency);

  /**
   * Reads and builds the response.
   *
   * @throws TxnException when the request is refused as a whole
   */
  R read(ReadEnv env);

  /** The response to a request that was refused. */
  R failure(TxnException exception);

  /** The response to a request that the region did not take. */
  R regionError(Error error);
}
