package io.rutile.server.service;

import io.rutile.proto.kvrpcpb.HealthFeedback;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;

/**
 * What clients are told about this store's health, so that they can turn to other replicas before
 * requests time out. Any thread may call.
 *
 * <p>Invariant: sequence numbers grow strictly, since a client ignores feedback that is not newer
 * than what it has.
 */
final class HealthReporter {
  private final long storeId;
  private final IntSupplier slowScore;
  private final AtomicLong sequence = new AtomicLong();

  /**
   * @param slowScore 1 (healthy) to 100
   */
  HealthReporter(long storeId, IntSupplier slowScore) {
    this.storeId = storeId;
    this.slowScore = slowScore;
  }

  HealthFeedback next() {
    return HealthFeedback.newBuilder()
        .setStoreId(storeId)
        .setFeedbackSeqNo(sequence.incrementAndGet())
        .setSlowScore(slowScore.getAsInt())
        .build();
  }
}
