package io.rutile.server.resolvedts;

import io.rutile.proto.kvrpcpb.CheckLeaderRequest;
import io.rutile.proto.kvrpcpb.CheckLeaderResponse;
import io.rutile.proto.kvrpcpb.LeaderInfo;
import io.rutile.proto.kvrpcpb.ReadState;
import io.rutile.proto.metapb.Peer;
import io.rutile.store.read.ReadProgress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to move the safe timestamps of led regions to a timestamp of the oracle.
 *
 * <p>First the stores of the regions' peers are asked whether they still follow. A region whose
 * majority does is resolved: the locks that are open then bound its timestamp, and the index that
 * is applied then tells replicas how far they must be. When every store has answered, or failed to,
 * the followers are told. TiKV tells them with the next round's question instead, which leaves them
 * one interval behind.
 *
 * <p>Safe for use by any thread: answers come on any.
 */
final class AdvanceRound {
  private record Resolved(LedRegion region, LeaderInfo info) {}

  private final long ownStore;
  private final long timestamp;
  private final ReadProgress progress;
  private final LeaderChecks checks;
  private final Runnable done;
  private final Map<Long, LedRegion> open = new HashMap<>();
  private final Map<Long, Set<Long>> followers = new HashMap<>();
  private final List<Resolved> resolved = new ArrayList<>();
  private int unanswered;

  /**
   * @param timestamp drawn from the oracle before the regions were collected, and lowered to the
   *     oldest lock in memory
   * @param done is run when every store was heard and told
   */
  AdvanceRound(
      long ownStore,
      long timestamp,
      List<LedRegion> regions,
      ReadProgress progress,
      LeaderChecks checks,
      Runnable done) {
    this.ownStore = ownStore;
    this.timestamp = timestamp;
    this.progress = progress;
    this.checks = checks;
    this.done = done;
    regions.forEach(region -> open.put(region.id(), region));
  }

  void start() {
    Map<Long, CheckLeaderRequest.Builder> questions = new HashMap<>();
    List<LedRegion> all = List.copyOf(open.values());
    for (LedRegion region : all) {
      ReadProgress.State state = progress.state(region.id());
      if (state == null || !state.leader() || state.term() != region.term()) {
        open.remove(region.id());
        continue;
      }
      LeaderInfo info = region.info(state.image().self()).build();
      for (Peer peer : region.region().getPeersList()) {
        if (peer.getStoreId() != ownStore) {
          questions
              .computeIfAbsent(peer.getStoreId(), store -> CheckLeaderRequest.newBuilder())
              .addRegions(info);
        }
      }
      onFollowed(region.id(), ownStore);
    }
    if (questions.isEmpty()) {
      done.run();
      return;
    }
    synchronized (this) {
      unanswered = questions.size();
    }
    questions.forEach((store, question) -> {
      CompletionStage<CheckLeaderResponse> answer =
          checks.ask(store, question.setTs(timestamp).build());
      answer.whenComplete((response, failure) -> onAnswer(store, response));
    });
  }

  private void onAnswer(long store, @Nullable CheckLeaderResponse response) {
    boolean last;
    synchronized (this) {
      if (response != null) {
        response.getRegionsList().forEach(region -> onFollowed(region, store));
      }
      last = --unanswered == 0;
    }
    if (last) {
      tellFollowers();
    }
  }

  private synchronized void onFollowed(long regionId, long store) {
    LedRegion region = open.get(regionId);
    if (region == null) {
      return;
    }
    Set<Long> stores = followers.computeIfAbsent(regionId, id -> new HashSet<>());
    stores.add(store);
    if (!region.isQuorum(stores)) {
      return;
    }
    open.remove(regionId);
    long safeTs = region.resolver().resolve(timestamp);
    ReadProgress.State state = progress.state(regionId);
    if (safeTs == 0 || state == null) {
      return;
    }
    LeaderInfo info =
        region
            .info(state.image().self())
            .setReadState(
                ReadState.newBuilder().setAppliedIndex(state.appliedIndex()).setSafeTs(safeTs))
            .build();
    if (progress.confirm(info)) {
      resolved.add(new Resolved(region, info));
    }
  }

  private void tellFollowers() {
    Map<Long, List<LeaderInfo>> told = new HashMap<>();
    synchronized (this) {
      for (Resolved one : resolved) {
        for (Peer peer : one.region().region().getPeersList()) {
          if (peer.getStoreId() != ownStore) {
            told.computeIfAbsent(peer.getStoreId(), store -> new ArrayList<>()).add(one.info());
          }
        }
      }
      unanswered = told.size();
    }
    if (told.isEmpty()) {
      done.run();
    }
    told.forEach((store, infos) ->
        checks
            .ask(
                store,
                CheckLeaderRequest.newBuilder().addAllRegions(infos).setTs(timestamp).build())
            .whenComplete((response, failure) -> onTold()));
  }

  private void onTold() {
    boolean last;
    synchronized (this) {
      last = --unanswered == 0;
    }
    if (last) {
      done.run();
    }
  }
}
