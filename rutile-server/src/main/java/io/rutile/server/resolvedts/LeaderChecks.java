package io.rutile.server.resolvedts;

import io.rutile.proto.kvrpcpb.CheckLeaderRequest;
import io.rutile.proto.kvrpcpb.CheckLeaderResponse;
import java.util.concurrent.CompletionStage;

/** The CheckLeader call to other stores. */
@FunctionalInterface
public interface LeaderChecks {
  /** Asks a store which of the leaders its peers follow; fails after some seconds. */
  CompletionStage<CheckLeaderResponse> ask(long storeId, CheckLeaderRequest request);
}
