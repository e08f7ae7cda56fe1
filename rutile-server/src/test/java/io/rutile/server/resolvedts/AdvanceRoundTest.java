package io.rutile.server.resolvedts;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.rutile.base.bytes.Bytes;
import io.rutile.engine.api.EngineSnapshot;
import io.rutile.engine.memory.MemoryKvEngine;
import io.rutile.proto.kvrpcpb.CheckLeaderRequest;
import io.rutile.proto.kvrpcpb.CheckLeaderResponse;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.PeerRole;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.metapb.RegionEpoch;
import io.rutile.store.meta.RegionDirectory;
import io.rutile.store.meta.RegionHandle;
import io.rutile.store.meta.RegionImage;
import io.rutile.store.read.LeaderLease;
import io.rutile.store.read.ReadProgress;
import io.rutile.store.read.ReadView;
import io.rutile.store.read.SafeTs;
import io.rutile.txn.gate.RegionTxnState;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A timestamp becomes safe by the word of a majority, of both sides while peers change. */
class AdvanceRoundTest {
  private static final long OWN_STORE = 1;
  private static final long TERM = 7;
  private static final long TIMESTAMP = 1000;

  private record Asked(long store, CheckLeaderRequest request) {}

  private final RegionDirectory directory = new RegionDirectory();
  private final ReadProgress progress = new ReadProgress(directory);
  private final List<Asked> asked = new ArrayList<>();
  private final Set<Long> following = new HashSet<>();

  @Test
  void withoutAMajorityNothingBecomesSafeAndNobodyIsTold() {
    assertThat(run(region(PeerRole.Voter, PeerRole.Voter, PeerRole.Voter))).isZero();
    assertThat(asked).extracting(Asked::store).containsExactlyInAnyOrder(2L, 3L);
  }

  @Test
  void withAMajorityItBecomesSafeAndEveryFollowerIsToldTheAppliedIndex() {
    following.add(3L);
    assertThat(run(region(PeerRole.Voter, PeerRole.Voter, PeerRole.Voter))).isEqualTo(TIMESTAMP);
    assertThat(asked)
        .filteredOn(question -> question.request().getRegions(0).hasReadState())
        .extracting(Asked::store)
        .containsExactlyInAnyOrder(2L, 3L);
    assertThat(asked.getLast().request().getRegions(0).getReadState().getSafeTs())
        .isEqualTo(TIMESTAMP);
    assertThat(asked.getLast().request().getRegions(0).getReadState().getAppliedIndex())
        .isEqualTo(42);
  }

  @Test
  void learnersHaveNoSayAndALoneVoterNeedsNone() {
    following.add(2L);
    assertThat(run(region(PeerRole.Voter, PeerRole.Learner, PeerRole.Voter))).isZero();
    assertThat(run(region(PeerRole.Voter, PeerRole.Learner))).isEqualTo(TIMESTAMP);
  }

  @Test
  void whilePeersChangeBothMajoritiesAreNeeded() {
    Region joint =
        region(
            PeerRole.Voter,
            PeerRole.DemotingVoter,
            PeerRole.DemotingVoter,
            PeerRole.IncomingVoter,
            PeerRole.IncomingVoter);
    following.addAll(List.of(2L, 3L));
    assertThat(run(joint)).as("the old side only").isZero();
    following.clear();
    following.addAll(List.of(4L, 5L));
    assertThat(run(joint)).as("the new side only").isZero();
    following.add(2L);
    assertThat(run(joint)).isEqualTo(TIMESTAMP);
  }

  /** The safe timestamp of the region after a round. */
  private long run(Region region) {
    RegionHandle handle = new RegionHandle(region.getId(), 1, 0);
    RegionImage image = new RegionImage(region, region.getPeers(0));
    SafeTs safeTs = new SafeTs();
    handle.publishApplied(42);
    handle.publish(
        new ReadView(
            image, true, TERM, 1, TERM, true, 0, new LeaderLease(1), RegionTxnState.NONE, safeTs));
    directory.add(handle);
    LedRegion led = LedRegion.begin(region, TERM);
    led.resolver().begin();
    try (MemoryKvEngine engine = new MemoryKvEngine();
        EngineSnapshot empty = engine.snapshot()) {
      led.resolver().read(new EmptyRegion(empty));
    }
    boolean[] done = new boolean[1];
    new AdvanceRound(
            OWN_STORE, TIMESTAMP, List.of(led), progress, this::answer, () -> done[0] = true)
        .start();
    assertThat(done[0]).isTrue();
    return safeTs.get();
  }

  private CompletableFuture<CheckLeaderResponse> answer(long store, CheckLeaderRequest request) {
    asked.add(new Asked(store, request));
    if (!following.contains(store)) {
      return CompletableFuture.failedFuture(new IllegalStateException("store " + store));
    }
    CheckLeaderResponse.Builder response = CheckLeaderResponse.newBuilder();
    request.getRegionsList().forEach(leader -> response.addRegions(leader.getRegionId()));
    return CompletableFuture.completedFuture(response.build());
  }

  /** A region whose first peer is here and leads; peer and store ids count from 1. */
  private static Region region(PeerRole... roles) {
    Region.Builder region =
        Region.newBuilder()
            .setId(9)
            .setStartKey(ByteString.copyFrom(Bytes.EMPTY))
            .setRegionEpoch(RegionEpoch.newBuilder().setVersion(1).setConfVer(1));
    for (int i = 0; i < roles.length; i++) {
      region.addPeers(Peer.newBuilder().setId(i + 1).setStoreId(i + 1).setRole(roles[i]));
    }
    return region.build();
  }
}
