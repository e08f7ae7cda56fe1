package io.rutile.client.pd;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** From gRPC's futures to the JDK's. */
final class Futures {
  private Futures() {}

  static <T> CompletableFuture<T> of(ListenableFuture<T> future) {
    CompletableFuture<T> result = new CompletableFuture<>();
    com.google.common.util.concurrent.Futures.addCallback(
        future,
        new FutureCallback<T>() {
          @Override
          public void onSuccess(@Nullable T value) {
            result.complete(Objects.requireNonNull(value, "gRPC answers are never null"));
          }

          @Override
          public void onFailure(Throwable failure) {
            result.completeExceptionally(failure);
          }
        },
        MoreExecutors.directExecutor());
    return result;
  }
}
