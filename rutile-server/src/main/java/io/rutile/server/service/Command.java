package io.rutile.server.service;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.rutile.proto.errorpb.Error;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.tikvpb.BatchCommandsRequest;
import io.rutile.proto.tikvpb.BatchCommandsResponse;
import io.rutile.txn.gate.RegionErrorException;
import io.rutile.txn.gate.RegionErrors;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * One kind of data request: how it is read out of a BatchCommands item, served, and put into the
 * answer. The same command serves the unary RPC of that name. Immutable; any thread may use it.
 *
 * @param name TiKV's name for it in metrics, for example {@code kv_get}
 * @param metrics its time series
 * @param writes whether serving it may change data: then a failure that nobody foresaw leaves the
 *     result undetermined, and the response is written by a response writer rather than by the
 *     apply thread that completes it
 * @param unwrap the request of this kind within an item of a BatchCommands frame
 * @param context the request's context
 * @param serve serves it without blocking
 * @param wrap puts the response into an item of a BatchCommands answer
 * @param prototype the empty response
 */
record Command<Q extends Message, R extends Message>(
    String name,
    RpcMetrics.Rpc metrics,
    boolean writes,
    Function<BatchCommandsRequest.Request, Q> unwrap,
    Function<Q, Context> context,
    Function<Q, CompletionStage<R>> serve,
    BiConsumer<BatchCommandsResponse.Response.Builder, R> wrap,
    R prototype) {

  /** A command that has no place in a BatchCommands frame. */
  static <Q extends Message, R extends Message> Command<Q, R> unary(
      String name,
      RpcMetrics metrics,
      boolean writes,
      Function<Q, Context> context,
      Function<Q, CompletionStage<R>> serve,
      R prototype) {
    return new Command<>(
        name,
        metrics.rpc(name),
        writes,
        item -> {
          throw new IllegalStateException(name + " is not an item of BatchCommands");
        },
        context,
        serve,
        (item, response) -> {
          throw new IllegalStateException(name + " is not an item of BatchCommands");
        },
        prototype);
  }

  /** Serves {@code request}; a failure of any kind is in the stage, never thrown. */
  CompletionStage<R> start(Q request) {
    try {
      return serve.apply(request);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  BatchCommandsResponse.Response item(R response) {
    BatchCommandsResponse.Response.Builder item = BatchCommandsResponse.Response.newBuilder();
    wrap.accept(item, response);
    return item.build();
  }

  /** The answer when serving failed: the client must never be left waiting for its deadline. */
  R failed(Throwable failure) {
    return withRegionError(regionError(failure));
  }

  private Error regionError(Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof RegionErrorException expected) {
      return expected.error();
    }
    String text = name + " failed in the server: " + cause;
    return writes
        ? RegionErrors.undeterminedResult(text).error()
        : Error.newBuilder().setMessage(text).build();
  }

  @SuppressWarnings("unchecked") // A message's builder builds that message.
  private R withRegionError(Error error) {
    FieldDescriptor field = prototype.getDescriptorForType().findFieldByName("region_error");
    if (field == null) {
      return prototype;
    }
    return (R) prototype.newBuilderForType().setField(field, error).build();
  }
}
