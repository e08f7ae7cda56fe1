package io.rutile.pd.service;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.rutile.base.error.RutileException;
import io.rutile.pd.cluster.ClusterException;
import io.rutile.pd.cluster.LeaderSession;
import io.rutile.pd.gc.GcException;
import io.rutile.pd.member.LeaderCycle;
import io.rutile.pd.meta.MetaStoreException;
import io.rutile.pd.tso.TsoException;
import io.rutile.proto.pdpb.Error;
import io.rutile.proto.pdpb.ErrorType;
import io.rutile.proto.pdpb.RequestHeader;
import io.rutile.proto.pdpb.ResponseHeader;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What every call passes: is this member the leader, does the caller mean this cluster. Refusals of
 * the request itself go into the response header with status OK; refusals of the call are statuses,
 * whose texts clients search for {@code "not leader"}.
 */
public final class Gate {
  private static final Logger LOG = LoggerFactory.getLogger(Gate.class);

  private final LeaderCycle cycle;

  public Gate(LeaderCycle cycle) {
    this.cycle = cycle;
  }

  /**
   * The session for a caller of this cluster.
   *
   * @throws StatusRuntimeException UNAVAILABLE when another member leads, FAILED_PRECONDITION when
   *     the caller means another cluster
   */
  LeaderSession session(RequestHeader header) {
    return session(header.getClusterId());
  }

  /** As {@link #session(RequestHeader)}, for callers with a header of another kind. */
  LeaderSession session(long callersClusterId) {
    LeaderSession session = leader();
    checkCluster(callersClusterId, session.clusterId());
    return session;
  }

  private static void checkCluster(long callersClusterId, long clusterId) {
    if (callersClusterId != clusterId) {
      throw Status.FAILED_PRECONDITION
          .withDescription(
              "mismatch cluster id, need "
                  + Long.toUnsignedString(clusterId)
                  + " but got "
                  + Long.toUnsignedString(callersClusterId))
          .asRuntimeException();
    }
  }

  /** The session, whatever cluster the caller means. */
  LeaderSession leader() {
    LeaderSession session = cycle.session();
    if (session == null) {
      throw notLeader();
    }
    return session;
  }

  /**
   * Answers a read of regions, which a member that does not lead may answer when the caller allows
   * it. None here has regions while it does not lead, so such a caller is sent to the leader by
   * REGION_NOT_FOUND, which it takes for "not known here".
   */
  <R> void answerRegion(
      StreamObserver<R> out,
      RequestHeader header,
      Function<LeaderSession, R> call,
      Function<ResponseHeader, R> refused) {
    if (cycle.session() != null) {
      answer(out, header, call, refused);
      return;
    }
    reply(
        out,
        () -> {
          if (!FollowerReads.allowed()) {
            throw Status.UNAVAILABLE
                .withDescription("not leader and follower handling not allowed")
                .asRuntimeException();
          }
          long clusterId = cycle.clusterId();
          checkCluster(header.getClusterId(), clusterId);
          return refused.apply(
              error(clusterId, ErrorType.REGION_NOT_FOUND, "region not found in this follower"));
        });
  }

  static StatusRuntimeException notLeader() {
    return Status.UNAVAILABLE.withDescription("not leader").asRuntimeException();
  }

  /** Header of a response without error. */
  ResponseHeader header() {
    long clusterId = cycle.clusterId();
    return clusterId == 0
        ? error(0, ErrorType.NOT_BOOTSTRAPPED, "cluster id is not ready")
        : ResponseHeader.newBuilder().setClusterId(clusterId).build();
  }

  static ResponseHeader error(long clusterId, ErrorType type, String message) {
    return ResponseHeader.newBuilder()
        .setClusterId(clusterId)
        .setError(Error.newBuilder().setType(type).setMessage(message))
        .build();
  }

  /**
   * Answers a unary call.
   *
   * @param refused the response that carries only a header
   */
  <R> void answer(
      StreamObserver<R> out,
      RequestHeader header,
      Function<LeaderSession, R> call,
      Function<ResponseHeader, R> refused) {
    reply(
        out,
        () -> {
          LeaderSession session = session(header);
          try {
            return call.apply(session);
          } catch (ClusterException e) {
            return refused.apply(error(session.clusterId(), e.type(), message(e)));
          } catch (GcException e) {
            return refused.apply(error(session.clusterId(), ErrorType.UNKNOWN, message(e)));
          }
        });
  }

  private static String message(RuntimeException e) {
    String message = e.getMessage();
    return message == null ? e.toString() : message;
  }

  /** Runs the call and sends its answer, or the status that its failure means. */
  static <R> void reply(StreamObserver<R> out, Supplier<R> call) {
    R answer;
    try {
      answer = call.get();
    } catch (RuntimeException e) {
      out.onError(status(e));
      return;
    }
    out.onNext(answer);
    out.onCompleted();
  }

  /** The status that a failure has on the wire. */
  static StatusRuntimeException status(RuntimeException failure) {
    return switch (failure) {
      case StatusRuntimeException status -> status;
      case MetaStoreException meta -> status(meta);
      case CancellationException ended -> notLeader();
      case CompletionException waited when waited.getCause() instanceof RuntimeException cause ->
          status(cause);
      case TsoException tso -> Status.UNKNOWN.withDescription(message(tso)).asRuntimeException();
      case RutileException expected ->
          Status.UNKNOWN.withDescription(message(expected)).asRuntimeException();
      default -> {
        LOG.error("a call failed", failure);
        yield Status.INTERNAL.withDescription(failure.toString()).asRuntimeException();
      }
    };
  }

  private static StatusRuntimeException status(MetaStoreException failure) {
    return switch (failure.kind()) {
      case NOT_LEADER -> notLeader();
      case CLOSED -> Status.UNAVAILABLE.withDescription("server not started").asRuntimeException();
      case UNKNOWN_OUTCOME ->
          Status.UNAVAILABLE.withDescription(message(failure)).asRuntimeException();
      case COMPACTED, FUTURE_REVISION ->
          Status.OUT_OF_RANGE.withDescription(message(failure)).asRuntimeException();
      case LEASE_NOT_FOUND ->
          Status.NOT_FOUND.withDescription(message(failure)).asRuntimeException();
      case LEASE_EXISTS, MEMBER ->
          Status.FAILED_PRECONDITION.withDescription(message(failure)).asRuntimeException();
      case INVALID, KEY_NOT_FOUND ->
          Status.INVALID_ARGUMENT.withDescription(message(failure)).asRuntimeException();
    };
  }
}
