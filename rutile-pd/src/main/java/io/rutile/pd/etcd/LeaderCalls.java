package io.rutile.pd.etcd;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.rutile.rpc.channel.ChannelPool;
import io.rutile.rpc.server.CallProxy;
import java.util.Set;

/**
 * Hands calls on to the leader that any member of PD takes and only the leader can serve. A call
 * that was handed on once is served where it arrives, or refused there: leadership may have moved
 * meanwhile.
 */
public final class LeaderCalls implements ServerInterceptor {
  private static final Metadata.Key<String> HANDED_ON =
      Metadata.Key.of("rutile-handed-on", Metadata.ASCII_STRING_MARSHALLER);

  /**
   * Methods of the facade that change something or need the leader's lease deadlines, and those of
   * PD itself that clients may ask of any member.
   */
  private static final Set<String> LEADER_ONLY =
      Set.of(
          "etcdserverpb.KV/Put",
          "etcdserverpb.KV/DeleteRange",
          "etcdserverpb.KV/Txn",
          "etcdserverpb.KV/Compact",
          "etcdserverpb.Lease/LeaseGrant",
          "etcdserverpb.Lease/LeaseRevoke",
          "etcdserverpb.Lease/LeaseKeepAlive",
          "etcdserverpb.Lease/LeaseTimeToLive",
          "etcdserverpb.Cluster/MemberAdd",
          "etcdserverpb.Cluster/MemberRemove",
          "etcdserverpb.Cluster/MemberUpdate",
          "etcdserverpb.Cluster/MemberPromote",
          "etcdserverpb.Maintenance/MoveLeader",
          "pdpb.PD/IsSnapshotRecovering",
          "pdpb.PD/StoreGlobalConfig",
          "pdpb.PD/LoadGlobalConfig",
          "pdpb.PD/WatchGlobalConfig");

  private final EtcdNode node;
  private final ChannelPool channels;

  public LeaderCalls(EtcdNode node, ChannelPool channels) {
    this.node = node;
    this.channels = channels;
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    if (!LEADER_ONLY.contains(call.getMethodDescriptor().getFullMethodName())
        || headers.containsKey(HANDED_ON)) {
      return next.startCall(call, headers);
    }
    String leader = node.otherLeader();
    if (leader == null) {
      return next.startCall(call, headers);
    }
    headers.put(HANDED_ON, "1");
    return CallProxy.start(call, headers, channels.channel(leader));
  }
}
