package io.rutile.client.pd;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.rutile.client.pd.PdException.Kind;
import io.rutile.proto.pdpb.GetMembersRequest;
import io.rutile.proto.pdpb.GetMembersResponse;
import io.rutile.proto.pdpb.Member;
import io.rutile.proto.pdpb.PDGrpc;
import io.rutile.rpc.channel.ChannelPool;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Knows the members of PD and which of them leads. Any member answers {@code GetMembers}; the
 * answers of one discovery are taken in order, and the first that names a leader wins. Discoveries
 * that are asked for at the same time share one.
 *
 * <p>Safe for use by any thread; nothing blocks.
 */
final class LeaderTracker {
  private static final long DISCOVERY_MILLIS = 3_000;
  private static final int DISBELIEF_MAX = 40;

  /**
   * @param urls client URLs of all members, the configured endpoints before the first discovery
   * @param leader client URL of the leader, null while unknown
   */
  record Members(long clusterId, List<String> urls, @Nullable String leader) {}

  private final ChannelPool channels;
  private final List<String> endpoints;
  private final AtomicReference<@Nullable CompletableFuture<Members>> discovery =
      new AtomicReference<>();
  private volatile Members members;

  /** Who did not act as leader last: asked last. */
  private volatile @Nullable String suspected;

  /**
   * How many more discoveries may name a leader that was silent before it is believed: the others
   * take it for the leader until they have elected a new one.
   */
  private final AtomicInteger disbelief = new AtomicInteger();

  LeaderTracker(ChannelPool channels, List<String> endpoints) {
    this.channels = channels;
    this.endpoints = List.copyOf(endpoints);
    this.members = new Members(0, this.endpoints, null);
  }

  Members members() {
    return members;
  }

  /** The leader as known; a stage that is complete unless the leader must be found first. */
  CompletableFuture<Members> leader() {
    Members known = members;
    return known.leader() == null ? discover() : CompletableFuture.completedFuture(known);
  }

  /** As {@link #suspect}, of a leader that did not answer although the connection stands. */
  void silent(String url) {
    disbelief.set(DISBELIEF_MAX);
    suspect(url);
  }

  private boolean isBelieved(String leader) {
    return !leader.equals(suspected) || disbelief.getAndUpdate(left -> Math.max(0, left - 1)) == 0;
  }

  /** Forgets {@code url} as leader, so that the next request looks for the leader anew. */
  void suspect(String url) {
    Members known = members;
    if (url.equals(known.leader())) {
      suspected = url;
      members = new Members(known.clusterId(), known.urls(), null);
    }
  }

  /** Asks the members who leads. Fails with UNAVAILABLE when nobody says. */
  CompletableFuture<Members> discover() {
    CompletableFuture<Members> mine = new CompletableFuture<>();
    CompletableFuture<Members> running = discovery.compareAndExchange(null, mine);
    if (running != null) {
      return running;
    }
    Set<String> candidates = new LinkedHashSet<>(members.urls());
    candidates.addAll(endpoints);
    String last = suspected;
    if (last != null && candidates.remove(last)) {
      candidates.add(last);
    }
    ask(new ArrayList<>(candidates), 0, new ArrayList<>(), mine);
    return mine;
  }

  private void ask(
      List<String> urls, int next, List<String> failures, CompletableFuture<Members> result) {
    if (next == urls.size()) {
      finish(
          result,
          new PdException(
              Kind.UNAVAILABLE, "no leader among PD members " + urls + ": " + failures));
      return;
    }
    String url = urls.get(next);
    Channel channel = channels.channel(url);
    CompletableFuture<GetMembersResponse> answer =
        Futures.of(
            ClientCalls.futureUnaryCall(
                channel.newCall(
                    PDGrpc.getGetMembersMethod(),
                    CallOptions.DEFAULT.withDeadlineAfter(DISCOVERY_MILLIS, TimeUnit.MILLISECONDS)),
                GetMembersRequest.getDefaultInstance()));
    answer.whenComplete((response, failure) -> {
      if (failure != null) {
        failures.add(url + ": " + failure.getMessage());
      } else if (!response.hasLeader() || response.getLeader().getClientUrlsCount() == 0) {
        failures.add(url + ": knows no leader");
      } else if (!isBelieved(response.getLeader().getClientUrls(0))) {
        failures.add(url + ": names the leader that is silent");
      } else {
        adopt(response, result);
        return;
      }
      ask(urls, next + 1, failures, result);
    });
  }

  private void adopt(GetMembersResponse response, CompletableFuture<Members> result) {
    long clusterId = response.getHeader().getClusterId();
    long known = members.clusterId();
    if (known != 0 && clusterId != known) {
      finish(
          result,
          new PdException(
              Kind.CLUSTER_ID_MISMATCH,
              "PD members belong to cluster " + clusterId + ", expected " + known));
      return;
    }
    List<String> urls = new ArrayList<>();
    for (Member member : response.getMembersList()) {
      urls.addAll(member.getClientUrlsList());
    }
    Members found = new Members(clusterId, urls, response.getLeader().getClientUrls(0));
    members = found;
    discovery.set(null);
    result.complete(found);
  }

  private void finish(CompletableFuture<Members> result, PdException failure) {
    discovery.set(null);
    result.completeExceptionally(failure);
  }

  /**
   * Whether the failure means that the member asked does not lead (any more) or cannot be reached.
   */
  static boolean leaderMayHaveMoved(Throwable failure) {
    if (!(failure instanceof StatusRuntimeException status)) {
      return false;
    }
    Status.Code code = status.getStatus().getCode();
    if (code == Status.Code.UNAVAILABLE || code == Status.Code.DEADLINE_EXCEEDED) {
      return true;
    }
    String text = String.valueOf(status.getStatus().getDescription());
    return text.contains("not leader")
        || text.contains("no leader")
        || text.contains("is not served")
        || text.contains("not primary");
  }
}
