package io.rutile.pd.peer;

import io.grpc.CallOptions;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.rutile.base.clock.Clock;
import io.rutile.pd.meta.MetaStoreException;
import io.rutile.proto.etcdserverpb.ClusterGrpc;
import io.rutile.proto.etcdserverpb.Member;
import io.rutile.proto.etcdserverpb.MemberAddRequest;
import io.rutile.proto.etcdserverpb.MemberAddResponse;
import io.rutile.proto.etcdserverpb.MemberListRequest;
import io.rutile.proto.etcdserverpb.MemberListResponse;
import io.rutile.proto.pdmetapb.MemberIdentity;
import io.rutile.proto.pdmetapb.MemberRecord;
import io.rutile.rpc.channel.ChannelOptions;
import io.rutile.rpc.channel.ChannelPool;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Asks a running cluster to take this member in, by etcd's own call on the client port. Blocks. A
 * cluster that does not answer is asked again for a while; a join that was interrupted after the
 * cluster agreed goes on where it was.
 */
public final class JoinClient {
  private static final long CALL_SECONDS = 10;
  private static final long PATIENCE_NANOS = 60_000_000_000L;
  private static final long PAUSE_NANOS = 300_000_000L;

  private JoinClient() {}

  /**
   * Joins.
   *
   * @param clientUrls of the cluster's members
   * @param name of this member
   * @param peerUrls where the others reach this member
   * @throws MetaStoreException when the cluster refuses or does not answer
   */
  public static MemberIdentity join(
      Clock clock,
      ChannelOptions options,
      List<String> clientUrls,
      String name,
      List<String> peerUrls) {
    long deadline = clock.monotonicNanos() + PATIENCE_NANOS;
    try (ChannelPool channels = new ChannelPool(options)) {
      for (int turn = 0; ; turn++) {
        String url = clientUrls.get(turn % clientUrls.size());
        try {
          return join(channels, url, name, peerUrls);
        } catch (StatusRuntimeException e) {
          Status.Code code = e.getStatus().getCode();
          boolean passing =
              code == Status.Code.UNAVAILABLE || code == Status.Code.DEADLINE_EXCEEDED;
          if (!passing || clock.monotonicNanos() >= deadline) {
            throw refused("cannot join the cluster at " + url + ": " + e.getStatus());
          }
        }
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  private static MemberIdentity join(
      ChannelPool channels, String url, String name, List<String> peerUrls) {
    MemberListResponse present =
        ClientCalls.blockingUnaryCall(
            channels.channel(url),
            ClusterGrpc.getMemberListMethod(),
            options(),
            MemberListRequest.newBuilder().setLinearizable(true).build());
    for (Member member : present.getMembersList()) {
      boolean sameUrls = member.getPeerURLsList().stream().anyMatch(peerUrls::contains);
      if (member.getName().equals(name) || (sameUrls && !member.getName().isEmpty())) {
        throw refused("missing data or joining a duplicated pd: " + name);
      }
      if (sameUrls) {
        return identity(present.getHeader().getClusterId(), member, present.getMembersList());
      }
    }
    MemberAddResponse added =
        ClientCalls.blockingUnaryCall(
            channels.channel(url),
            ClusterGrpc.getMemberAddMethod(),
            options(),
            MemberAddRequest.newBuilder().addAllPeerURLs(peerUrls).build());
    return identity(added.getHeader().getClusterId(), added.getMember(), added.getMembersList());
  }

  private static CallOptions options() {
    return CallOptions.DEFAULT.withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS);
  }

  private static MetaStoreException refused(String text) {
    return new MetaStoreException(MetaStoreException.Kind.MEMBER, text);
  }

  private static MemberIdentity identity(long groupId, Member self, List<Member> members) {
    List<MemberRecord> contacts = new ArrayList<>();
    for (Member member : members) {
      contacts.add(
          MemberRecord.newBuilder()
              .setId(member.getID())
              .setName(member.getName())
              .addAllPeerUrls(member.getPeerURLsList())
              .addAllClientUrls(member.getClientURLsList())
              .build());
    }
    return MemberIdentity.newBuilder()
        .setGroupId(groupId)
        .setMemberId(self.getID())
        .addAllContacts(contacts)
        .build();
  }
}
