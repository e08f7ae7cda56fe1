package io.rutile.txn.read;

import io.rutile.base.error.RutileException;
import io.rutile.engine.api.Cf;
import io.rutile.proto.errorpb.Error;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.txn.gate.ReadGuard;
import io.rutile.txn.gate.RegionSnapshot;
import org.jspecify.annotations.Nullable;

/**
 * One read request as {@link ReadExecutor} runs it.
 *
 * @param <R> the response
 */
public interface Read<R> {
  Context context();

  /** What the snapshot must guarantee. */
  ReadGuard guard();

  /** Runs on the pool just before the snapshot is taken; may refuse the request by throwing. */
  void beforeSnapshot();

  /**
   * The one key that the read will get, so that reads of one task can be looked up together; null
   * when it is not known, as for a scan. Asked after {@link #beforeSnapshot}.
   */
  default @Nullable PointKey pointKey() {
    return null;
  }

  /** An encoded key and its family. */
  record PointKey(Cf cf, byte[] key) {}

  /** Reads and builds the response. The snapshot is closed by the caller. */
  R read(RegionSnapshot snapshot);

  /** The response to a request that the region did not take. */
  R regionError(Error error);

  /**
   * The response to a request that was refused by {@code refusal}; may rethrow what is not the
   * request's fault.
   */
  R refused(RutileException refusal);
}
