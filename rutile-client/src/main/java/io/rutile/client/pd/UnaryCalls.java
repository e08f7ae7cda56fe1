package io.rutile.client.pd;

import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.rutile.base.clock.Clock;
import io.rutile.client.pd.PdException.Kind;
import io.rutile.proto.pdpb.ResponseHeader;
import io.rutile.rpc.channel.ChannelPool;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Unary requests to the leader, repeated while there is no leader or it moved, until a time limit.
 * Every RPC that is sent through here may be repeated safely.
 */
final class UnaryCalls {
  private static final long ATTEMPT_MILLIS = 3_000;
  private static final long RETRY_MILLIS = 100;

  private final ChannelPool channels;
  private final LeaderTracker leaders;
  private final ScheduledExecutorService timer;
  private final Clock clock;
  private final long limitNanos;

  /**
   * @param limitNanos how long a request is tried in all
   */
  UnaryCalls(
      ChannelPool channels,
      LeaderTracker leaders,
      ScheduledExecutorService timer,
      Clock clock,
      long limitNanos) {
    this.channels = channels;
    this.leaders = leaders;
    this.timer = timer;
    this.clock = clock;
    this.limitNanos = limitNanos;
  }

  /**
   * Sends what {@code request} makes for the cluster id.
   *
   * @param header the header of a response, whose error fails the result
   */
  <Q, A> CompletableFuture<A> call(
      MethodDescriptor<Q, A> method,
      Function<Long, Q> request,
      Function<A, @Nullable ResponseHeader> header) {
    CompletableFuture<A> result = new CompletableFuture<>();
    new Attempt<>(method, request, header, result, clock.monotonicNanos() + limitNanos).run();
    return result;
  }

  private final class Attempt<Q, A> implements Runnable {
    private final MethodDescriptor<Q, A> method;
    private final Function<Long, Q> request;
    private final Function<A, @Nullable ResponseHeader> header;
    private final CompletableFuture<A> result;
    private final long deadlineNanos;

    Attempt(
        MethodDescriptor<Q, A> method,
        Function<Long, Q> request,
        Function<A, @Nullable ResponseHeader> header,
        CompletableFuture<A> result,
        long deadlineNanos) {
      this.method = method;
      this.request = request;
      this.header = header;
      this.result = result;
      this.deadlineNanos = deadlineNanos;
    }

    @Override
    public void run() {
      leaders
          .leader()
          .whenComplete((members, failure) -> {
            if (failure != null) {
              again(unwrap(failure));
            } else if (members.leader() != null) {
              send(members.clusterId(), members.leader());
            }
          });
    }

    private void send(long clusterId, String leader) {
      CompletableFuture<A> answer =
          Futures.of(
              ClientCalls.futureUnaryCall(
                  channels
                      .channel(leader)
                      .newCall(
                          method,
                          CallOptions.DEFAULT.withDeadlineAfter(
                              ATTEMPT_MILLIS, TimeUnit.MILLISECONDS)),
                  request.apply(clusterId)));
      answer.whenComplete((response, failure) -> {
        if (failure != null) {
          failed(leader, unwrap(failure));
          return;
        }
        PdException refused = errorOf(header.apply(response));
        if (refused == null) {
          result.complete(response);
        } else {
          result.completeExceptionally(refused);
        }
      });
    }

    private void failed(String leader, Throwable failure) {
      if (LeaderTracker.leaderMayHaveMoved(failure)) {
        leaders.suspect(leader);
        again(failure);
      } else {
        result.completeExceptionally(toPdException(failure));
      }
    }

    private void again(Throwable failure) {
      boolean hopeless =
          failure instanceof PdException refused && refused.kind() != Kind.UNAVAILABLE;
      if (hopeless || timer.isShutdown() || clock.monotonicNanos() >= deadlineNanos) {
        result.completeExceptionally(toPdException(failure));
      } else {
        timer.schedule(this, RETRY_MILLIS, TimeUnit.MILLISECONDS);
      }
    }
  }

  static Throwable unwrap(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }

  static PdException toPdException(Throwable failure) {
    if (failure instanceof PdException already) {
      return already;
    }
    if (failure instanceof StatusRuntimeException status) {
      String text = status.getStatus().getCode() + ": " + status.getStatus().getDescription();
      Kind kind =
          switch (status.getStatus().getCode()) {
            case UNAVAILABLE, DEADLINE_EXCEEDED -> Kind.UNAVAILABLE;
            case FAILED_PRECONDITION ->
                text.contains("mismatch cluster id") ? Kind.CLUSTER_ID_MISMATCH : Kind.UNKNOWN;
            case CANCELLED -> Kind.CLOSED;
            case UNIMPLEMENTED -> Kind.UNIMPLEMENTED;
            case INVALID_ARGUMENT -> Kind.INVALID_ARGUMENT;
            default -> Kind.UNKNOWN;
          };
      return new PdException(kind, text, failure);
    }
    return new PdException(Kind.UNKNOWN, String.valueOf(failure.getMessage()), failure);
  }

  static @Nullable PdException errorOf(@Nullable ResponseHeader header) {
    if (header == null || !header.hasError()) {
      return null;
    }
    Kind kind =
        switch (header.getError().getType()) {
          case OK -> null;
          case NOT_BOOTSTRAPPED -> Kind.NOT_BOOTSTRAPPED;
          case ALREADY_BOOTSTRAPPED -> Kind.ALREADY_BOOTSTRAPPED;
          case STORE_TOMBSTONE -> Kind.STORE_TOMBSTONE;
          case INCOMPATIBLE_VERSION -> Kind.INCOMPATIBLE_VERSION;
          case REGION_NOT_FOUND -> Kind.REGION_NOT_FOUND;
          case GLOBAL_CONFIG_NOT_FOUND -> Kind.GLOBAL_CONFIG_NOT_FOUND;
          case DUPLICATED_ENTRY -> Kind.DUPLICATED_ENTRY;
          case ENTRY_NOT_FOUND -> Kind.ENTRY_NOT_FOUND;
          case INVALID_VALUE -> Kind.INVALID_VALUE;
          case DATA_COMPACTED -> Kind.DATA_COMPACTED;
          case REGIONS_NOT_CONTAIN_ALL_KEY_RANGE -> Kind.REGIONS_NOT_CONTAIN_ALL_KEY_RANGE;
          case UNKNOWN, UNRECOGNIZED -> Kind.UNKNOWN;
        };
    return kind == null ? null : new PdException(kind, header.getError().getMessage());
  }
}
