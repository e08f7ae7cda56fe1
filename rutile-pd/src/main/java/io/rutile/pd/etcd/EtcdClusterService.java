package io.rutile.pd.etcd;

import io.grpc.stub.StreamObserver;
import io.rutile.base.clock.Clock;
import io.rutile.pd.member.MemberIds;
import io.rutile.pd.meta.MetaKv;
import io.rutile.pd.meta.MetaStore;
import io.rutile.proto.etcdserverpb.ClusterGrpc;
import io.rutile.proto.etcdserverpb.Member;
import io.rutile.proto.etcdserverpb.MemberAddRequest;
import io.rutile.proto.etcdserverpb.MemberAddResponse;
import io.rutile.proto.etcdserverpb.MemberListRequest;
import io.rutile.proto.etcdserverpb.MemberListResponse;
import io.rutile.proto.etcdserverpb.MemberPromoteRequest;
import io.rutile.proto.etcdserverpb.MemberPromoteResponse;
import io.rutile.proto.etcdserverpb.MemberRemoveRequest;
import io.rutile.proto.etcdserverpb.MemberRemoveResponse;
import io.rutile.proto.etcdserverpb.MemberUpdateRequest;
import io.rutile.proto.etcdserverpb.MemberUpdateResponse;
import io.rutile.proto.pdmetapb.MemberRecord;
import java.util.List;

/**
 * The service {@code etcdserverpb.Cluster}: the members of PD as etcd shows them. Every added
 * member begins as a learner and is promoted by the leader once it has caught up, so that asking
 * for it is answered at once.
 */
public final class EtcdClusterService extends ClusterGrpc.ClusterImplBase {
  private final EtcdNode node;
  private final Clock clock;

  public EtcdClusterService(EtcdNode node, Clock clock) {
    this.node = node;
    this.clock = clock;
  }

  private MetaStore store() {
    return node.store();
  }

  private Member describe(MemberRecord record) {
    return Member.newBuilder()
        .setID(record.getId())
        .setName(record.getName())
        .addAllPeerURLs(record.getPeerUrlsList())
        .addAllClientURLs(record.getClientUrlsList())
        .setIsLearner(!store().isVoter(record.getId()))
        .build();
  }

  private List<Member> members() {
    return store().members().stream().map(this::describe).toList();
  }

  @Override
  public void memberList(MemberListRequest request, StreamObserver<MemberListResponse> out) {
    EtcdNode.reply(
        out,
        () -> {
          if (request.getLinearizable()) {
            node.barrier();
          }
          return MemberListResponse.newBuilder()
              .setHeader(node.header())
              .addAllMembers(members())
              .build();
        });
  }

  @Override
  public void memberAdd(MemberAddRequest request, StreamObserver<MemberAddResponse> out) {
    EtcdNode.reply(
        out,
        () -> {
          MemberRecord added =
              MemberRecord.newBuilder()
                  .setId(MemberIds.joining(request.getPeerURLsList(), clock.wallMillis()))
                  .addAllPeerUrls(request.getPeerURLsList())
                  .build();
          MetaKv.await(store().addMember(added));
          return MemberAddResponse.newBuilder()
              .setHeader(node.header())
              .setMember(describe(added))
              .addAllMembers(members())
              .build();
        });
  }

  @Override
  public void memberRemove(MemberRemoveRequest request, StreamObserver<MemberRemoveResponse> out) {
    EtcdNode.reply(
        out,
        () -> {
          MetaKv.await(store().removeMember(request.getID()));
          return MemberRemoveResponse.newBuilder()
              .setHeader(node.header())
              .addAllMembers(members())
              .build();
        });
  }

  @Override
  public void memberUpdate(MemberUpdateRequest request, StreamObserver<MemberUpdateResponse> out) {
    EtcdNode.reply(
        out,
        () -> {
          MemberRecord.Builder changed = MemberRecord.newBuilder().setId(request.getID());
          store().members().stream()
              .filter(member -> member.getId() == request.getID())
              .forEach(changed::mergeFrom);
          changed.clearPeerUrls().addAllPeerUrls(request.getPeerURLsList());
          MetaKv.await(store().updateMember(changed.build()));
          return MemberUpdateResponse.newBuilder()
              .setHeader(node.header())
              .addAllMembers(members())
              .build();
        });
  }

  /** The leader gives a learner its vote by itself: until it has, it is not in sync. */
  @Override
  public void memberPromote(
      MemberPromoteRequest request, StreamObserver<MemberPromoteResponse> out) {
    EtcdNode.reply(
        out,
        () -> {
          if (!store().isVoter(request.getID())) {
            throw EtcdNode.precondition(
                "can only promote a learner member which is in sync with leader");
          }
          return MemberPromoteResponse.newBuilder()
              .setHeader(node.header())
              .addAllMembers(members())
              .build();
        });
  }
}
