package io.rutile.pd.peer;

import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import io.rutile.pd.member.LeaderLine;
import io.rutile.pd.meta.MetaStoreException;
import io.rutile.pd.meta.PeerTransport;
import io.rutile.pd.meta.RaftMetaStore;
import io.rutile.proto.eraftpb.Message;
import io.rutile.proto.eraftpb.MessageType;
import io.rutile.proto.pdmetapb.MemberRecord;
import io.rutile.proto.pdmetapb.PdPeerGrpc;
import io.rutile.proto.pdmetapb.PeerAck;
import io.rutile.proto.pdmetapb.PeerFrame;
import io.rutile.proto.pdmetapb.PublishRequest;
import io.rutile.rpc.channel.ChannelOptions;
import io.rutile.rpc.channel.ChannelPool;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * {@link PeerTransport} over gRPC: one stream of frames to each member, and a call of its own for
 * each snapshot, whose end is reported to the sender's Raft.
 *
 * <p>{@link #send} and {@link #members} are called by the store's thread, {@link #publish} by any.
 */
public final class GrpcPeerTransport implements PeerTransport, LeaderLine {
  private static final long SNAPSHOT_SECONDS_MAX = 120;
  private static final long PUBLISH_SECONDS_MAX = 5;

  private final long selfId;
  private final long groupId;
  private final ChannelPool channels;
  private final ConcurrentHashMap<Long, PeerLink> links = new ConcurrentHashMap<>();
  private volatile @Nullable RaftMetaStore store;

  public GrpcPeerTransport(long selfId, long groupId, ChannelOptions options) {
    this.selfId = selfId;
    this.groupId = groupId;
    this.channels = new ChannelPool(options);
  }

  /** Where reports about links go; the store needs a transport first. */
  public void attach(RaftMetaStore reports) {
    store = reports;
  }

  @Override
  public void members(List<MemberRecord> members) {
    for (MemberRecord member : members) {
      long id = member.getId();
      if (id == selfId || member.getPeerUrlsCount() == 0) {
        continue;
      }
      String address = ChannelPool.withoutScheme(member.getPeerUrls(0));
      PeerLink known = links.get(id);
      if (known == null || !known.address().equals(address)) {
        replace(id, new PeerLink(id, address, groupId, channels, () -> unreachable(id)));
      }
    }
    links
        .keySet()
        .removeIf(id -> {
          boolean gone = members.stream().noneMatch(member -> member.getId() == id);
          if (gone) {
            replace(id, null);
          }
          return gone;
        });
  }

  private void replace(long id, @Nullable PeerLink fresh) {
    PeerLink old = fresh == null ? links.get(id) : links.put(id, fresh);
    if (old != null) {
      old.close();
    }
  }

  private void unreachable(long id) {
    RaftMetaStore reports = store;
    if (reports != null) {
      reports.reportUnreachable(id);
    }
  }

  @Override
  public void send(List<Message> messages) {
    for (Message message : messages) {
      PeerLink link = links.get(message.getTo());
      if (message.getMsgType() == MessageType.MsgSnapshot) {
        install(link, message);
      } else if (link != null && !link.send(message)) {
        unreachable(message.getTo());
      }
    }
  }

  /** Reports the end in every case: until then Raft sends that member nothing else. */
  private void install(@Nullable PeerLink link, Message snapshot) {
    if (link == null) {
      reportSnapshot(snapshot, false);
      return;
    }
    PeerFrame frame = PeerFrame.newBuilder().setGroupId(groupId).addMessages(snapshot).build();
    call(link, PdPeerGrpc.getInstallMethod(), frame, SNAPSHOT_SECONDS_MAX)
        .whenComplete((ack, failure) -> reportSnapshot(snapshot, failure == null));
  }

  private void reportSnapshot(Message snapshot, boolean delivered) {
    RaftMetaStore reports = store;
    if (reports != null) {
      reports.reportSnapshot(snapshot.getTo(), delivered);
    }
  }

  private <Q> CompletableFuture<Void> call(
      PeerLink link, MethodDescriptor<Q, PeerAck> method, Q request, long seconds) {
    ListenableFuture<PeerAck> answer =
        ClientCalls.futureUnaryCall(
            channels
                .channel(link.address())
                .newCall(method, CallOptions.DEFAULT.withDeadlineAfter(seconds, TimeUnit.SECONDS)),
            request);
    CompletableFuture<Void> done = new CompletableFuture<>();
    answer.addListener(
        () -> {
          try {
            answer.get();
            done.complete(null);
          } catch (Exception e) {
            done.completeExceptionally(e.getCause() == null ? e : e.getCause());
          }
        },
        Runnable::run);
    return done;
  }

  @Override
  public CompletionStage<Void> publish(long leaderId, MemberRecord member) {
    PeerLink link = links.get(leaderId);
    if (link == null) {
      return CompletableFuture.failedFuture(
          new MetaStoreException(MetaStoreException.Kind.NOT_LEADER, "etcdserver: no leader"));
    }
    PublishRequest request =
        PublishRequest.newBuilder().setGroupId(groupId).setMember(member).build();
    return call(link, PdPeerGrpc.getPublishMethod(), request, PUBLISH_SECONDS_MAX);
  }

  @Override
  public void close() {
    links.values().forEach(PeerLink::close);
    channels.close();
  }
}
