package io.rutile.raft.quorum;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Quorum arithmetic against definitions that are too slow to use. */
class QuorumTest {
  private static final int ROUNDS = 20_000;

  @Test
  void committedIndexIsTheHighestThatSomeMajorityHasReached() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < ROUNDS; round++) {
      Majority voters = randomVoters(random);
      Map<Long, Long> acked = randomIndexes(random);
      assertThat(voters.committed(id -> acked.getOrDefault(id, 0L)))
          .as("seed %d: %s, %s", seed, voters, acked)
          .isEqualTo(slowCommitted(voters, acked));
    }
  }

  @Test
  void jointCommitmentNeedsBothHalves() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < ROUNDS; round++) {
      JointQuorum joint = new JointQuorum(randomVoters(random), randomVoters(random));
      Map<Long, Long> acked = randomIndexes(random);
      long expected =
          Math.min(slowCommitted(joint.incoming(), acked), slowCommitted(joint.outgoing(), acked));
      assertThat(joint.committed(id -> acked.getOrDefault(id, 0L)))
          .as("seed %d: %s, %s", seed, joint, acked)
          .isEqualTo(expected);
    }
  }

  @Test
  void anElectionIsDecidedOnceNoMissingVoteCanChangeIt() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < ROUNDS; round++) {
      JointQuorum joint = new JointQuorum(randomVoters(random), randomVoters(random));
      VoteTally tally = new VoteTally();
      Map<Long, Vote> votes = new HashMap<>();
      for (long id = 1; id <= 8; id++) {
        int choice = random.nextInt(3);
        if (choice < 2) {
          tally.record(id, choice == 0);
          votes.put(id, choice == 0 ? Vote.YES : Vote.NO);
        }
      }
      assertThat(joint.vote(tally))
          .as("seed %d: %s, %s", seed, joint, votes)
          .isEqualTo(slowVote(joint, votes));
    }
  }

  @Test
  void theFirstVoteOfAMemberCounts() {
    VoteTally tally = new VoteTally();
    tally.record(1, false);
    tally.record(1, true);
    assertThat(tally.voteOf(1)).isEqualTo(Vote.NO);
  }

  @Test
  void noVotersAgreeToEverything() {
    assertThat(Majority.EMPTY.committed(id -> 0)).isEqualTo(Long.MAX_VALUE);
    assertThat(Majority.EMPTY.vote(id -> Vote.NO)).isEqualTo(VoteResult.WON);
  }

  private static Majority randomVoters(Random random) {
    return Majority.of(random.longs(random.nextInt(8), 1, 9).toArray());
  }

  private static Map<Long, Long> randomIndexes(Random random) {
    Map<Long, Long> acked = new HashMap<>();
    for (long id = 1; id <= 8; id++) {
      if (random.nextInt(4) > 0) {
        acked.put(id, (long) random.nextInt(6));
      }
    }
    return acked;
  }

  private static long slowCommitted(Majority voters, Map<Long, Long> acked) {
    if (voters.isEmpty()) {
      return Long.MAX_VALUE;
    }
    List<Long> sorted = new ArrayList<>();
    for (long id : voters.toArray()) {
      sorted.add(acked.getOrDefault(id, 0L));
    }
    Collections.sort(sorted);
    return sorted.get(sorted.size() - (sorted.size() / 2 + 1));
  }

  /** Tries every way in which the missing votes may turn out. */
  private static VoteResult slowVote(JointQuorum joint, Map<Long, Vote> votes) {
    List<Long> missing = new ArrayList<>();
    for (long id = 1; id <= 8; id++) {
      if (!votes.containsKey(id)) {
        missing.add(id);
      }
    }
    boolean canWin = false;
    boolean canLose = false;
    for (int outcome = 0; outcome < 1 << missing.size(); outcome++) {
      int bits = outcome;
      boolean won =
          wins(joint.incoming(), votes, missing, bits)
              && wins(joint.outgoing(), votes, missing, bits);
      canWin |= won;
      canLose |= !won;
    }
    if (canWin && canLose) {
      return VoteResult.PENDING;
    }
    return canWin ? VoteResult.WON : VoteResult.LOST;
  }

  private static boolean wins(
      Majority half, Map<Long, Vote> votes, List<Long> missing, int outcome) {
    long yes =
        IntStream.range(0, half.size())
            .mapToLong(half::id)
            .filter(id ->
                votes.containsKey(id)
                    ? votes.get(id) == Vote.YES
                    : (outcome >> missing.indexOf(id) & 1) == 1)
            .count();
    return half.isEmpty() || 2 * yes > half.size();
  }
}
