package io.rutile.pd.service;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.rutile.pd.meta.MetaStore;
import io.rutile.rpc.channel.ChannelPool;
import io.rutile.rpc.server.CallProxy;

/**
 * Hands on calls that are meant for another member: a client that cannot reach the leader asks a
 * member that it can reach, naming the leader's client URL in the metadata key {@code
 * pd-forwarded-host}. Only members are called on, so that a client cannot send this process
 * anywhere.
 *
 * <p>Notes for the calls served here whether the client allows answers from followers.
 */
public final class MemberForwarding implements ServerInterceptor {
  static final Metadata.Key<String> FORWARDED_HOST =
      Metadata.Key.of("pd-forwarded-host", Metadata.ASCII_STRING_MARSHALLER);

  private final MetaStore store;
  private final long selfId;
  private final ChannelPool channels;

  public MemberForwarding(MetaStore store, long selfId, ChannelPool channels) {
    this.store = store;
    this.selfId = selfId;
    this.channels = channels;
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    String target = headers.get(FORWARDED_HOST);
    if (target == null || target.isEmpty()) {
      return FollowerReads.start(call, headers, next);
    }
    long member = memberAt(ChannelPool.withoutScheme(target));
    if (member == selfId) {
      return FollowerReads.start(call, headers, next);
    }
    if (member == 0) {
      call.close(
          Status.INVALID_ARGUMENT.withDescription("forwarded host " + target + " is no member"),
          new Metadata());
      return new ServerCall.Listener<>() {};
    }
    headers.removeAll(FORWARDED_HOST);
    return CallProxy.start(call, headers, channels.channel(target));
  }

  private long memberAt(String address) {
    return store.members().stream()
        .filter(member ->
            member.getClientUrlsList().stream()
                .anyMatch(url -> ChannelPool.withoutScheme(url).equals(address)))
        .mapToLong(member -> member.getId())
        .findFirst()
        .orElse(0);
  }
}
