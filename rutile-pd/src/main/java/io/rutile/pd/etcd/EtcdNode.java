package io.rutile.pd.etcd;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.rutile.pd.meta.MetaKv;
import io.rutile.pd.meta.MetaStoreException;
import io.rutile.pd.meta.RaftMetaStore;
import io.rutile.proto.etcdserverpb.ResponseHeader;
import io.rutile.proto.pdmetapb.MemberRecord;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the facade's services share: this member's place in the group, response headers, and etcd's
 * statuses for what the store refuses. Any thread.
 */
public final class EtcdNode {
  private final RaftMetaStore store;
  private final long memberId;
  private final long groupId;

  /**
   * @param groupId shown as etcd's cluster id, which is not PD's
   */
  public EtcdNode(RaftMetaStore store, long memberId, long groupId) {
    this.store = store;
    this.memberId = memberId;
    this.groupId = groupId;
  }

  RaftMetaStore store() {
    return store;
  }

  long memberId() {
    return memberId;
  }

  /** Header with the revision applied here. */
  ResponseHeader header() {
    return header(store.revision());
  }

  /** The header of a response that the store made, completed by what it does not know. */
  ResponseHeader header(ResponseHeader made) {
    return header(made.getRevision());
  }

  ResponseHeader header(long revision) {
    return ResponseHeader.newBuilder()
        .setClusterId(groupId)
        .setMemberId(memberId)
        .setRevision(revision)
        .setRaftTerm(store.progress().term())
        .build();
  }

  /** Client URL of the leader when that is another member, null when it is this one or none. */
  @Nullable String otherLeader() {
    long leader = store.leadership().leaderId();
    if (leader == memberId) {
      return null;
    }
    for (MemberRecord member : store.members()) {
      if (member.getId() == leader && member.getClientUrlsCount() > 0) {
        return member.getClientUrls(0);
      }
    }
    return null;
  }

  /** Waits until what is read here contains every write that was acknowledged before. */
  void barrier() {
    MetaKv.await(store.readBarrier());
  }

  /** Runs the call, which may wait, and sends its answer or etcd's status for its failure. */
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

  static StatusRuntimeException invalid(String text) {
    return Status.INVALID_ARGUMENT.withDescription("etcdserver: " + text).asRuntimeException();
  }

  static StatusRuntimeException precondition(String text) {
    return Status.FAILED_PRECONDITION.withDescription("etcdserver: " + text).asRuntimeException();
  }

  /** The status that etcd would answer with. */
  static StatusRuntimeException status(Throwable failure) {
    return switch (failure) {
      case StatusRuntimeException status -> status;
      case CompletionException waited when waited.getCause() != null -> status(waited.getCause());
      case MetaStoreException refused -> {
        Status.Code code =
            switch (refused.kind()) {
              case NOT_LEADER, UNKNOWN_OUTCOME, CLOSED -> Status.Code.UNAVAILABLE;
              case COMPACTED, FUTURE_REVISION -> Status.Code.OUT_OF_RANGE;
              case LEASE_NOT_FOUND -> Status.Code.NOT_FOUND;
              case LEASE_EXISTS, MEMBER -> Status.Code.FAILED_PRECONDITION;
              case INVALID, KEY_NOT_FOUND -> Status.Code.INVALID_ARGUMENT;
            };
        yield Status.fromCode(code).withDescription(refused.getMessage()).asRuntimeException();
      }
      default ->
          Status.UNKNOWN
              .withDescription(failure.toString())
              .withCause(failure)
              .asRuntimeException();
    };
  }
}
