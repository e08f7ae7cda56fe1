package io.rutile.server.node;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.MoreExecutors;
import io.rutile.proto.kvrpcpb.CheckLeaderRequest;
import io.rutile.proto.kvrpcpb.CheckLeaderResponse;
import io.rutile.proto.tikvpb.TikvGrpc;
import io.rutile.rpc.channel.ChannelPool;
import io.rutile.server.resolvedts.LeaderChecks;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** {@link LeaderChecks} over gRPC. Safe for use by any thread. */
final class GrpcLeaderChecks implements LeaderChecks {
  private static final long TIMEOUT_SECONDS = 5;

  private final ChannelPool channels;
  private final StoreAddresses addresses;

  GrpcLeaderChecks(ChannelPool channels, StoreAddresses addresses) {
    this.channels = channels;
    this.addresses = addresses;
  }

  @Override
  public CompletionStage<CheckLeaderResponse> ask(long storeId, CheckLeaderRequest request) {
    return addresses.of(storeId).thenCompose(address -> call(storeId, address, request));
  }

  private CompletableFuture<CheckLeaderResponse> call(
      long storeId, String address, CheckLeaderRequest request) {
    CompletableFuture<CheckLeaderResponse> result = new CompletableFuture<>();
    Futures.addCallback(
        TikvGrpc.newFutureStub(channels.channel(address))
            .withDeadlineAfter(TIMEOUT_SECONDS, TimeUnit.SECONDS)
            .checkLeader(request),
        new FutureCallback<>() {
          @Override
          public void onSuccess(@Nullable CheckLeaderResponse response) {
            result.complete(response);
          }

          @Override
          public void onFailure(Throwable failure) {
            addresses.suspect(storeId);
            result.completeExceptionally(failure);
          }
        },
        MoreExecutors.directExecutor());
    return result;
  }
}
