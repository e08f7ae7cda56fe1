package io.rutile.pd.meta;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.rutile.base.clock.Randoms;
import io.rutile.base.error.RutileException;
import io.rutile.pd.tso.TimestampOracle;
import io.rutile.proto.etcdserverpb.RangeRequest;
import io.rutile.proto.etcdserverpb.TxnRequest;
import io.rutile.proto.pdmetapb.MemberRecord;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A PD group in one thread and one seed: real stores and real timestamp oracles on simulated disks,
 * clocks and a simulated network. Processes are killed and lose what they had not synced, are
 * paused, cut off; wall clocks jump, clocks run at different rates; members come and go.
 *
 * <p>Promises, checked all the time: each timestamp is greater than every one given before by
 * anybody; a read that asked for a barrier sees every write acknowledged before it. At the end,
 * when all is well again: one leader serves, every acknowledged write is there, all members are
 * equal.
 *
 * <p>Time is twenty times as dense as in production: an election timeout is 100 ms.
 */
final class MetaSim {
  static final long STEP_NANOS = 2_000_000L;
  static final int ELECTION_TICKS = 10;
  static final long TICK_MILLIS = 10;
  static final long SAVE_MILLIS = 100;
  static final long WALL_START = 1_700_000_000_000L;

  /** How long a write may take before whoever waits for it gives up. */
  private static final long PATIENCE_STEPS = 300;

  private static final int FOUNDERS = 3;
  private static final int MEMBERS_MAX = 5;
  private static final int SETTLE_STEPS = 3_000;

  final SplittableRandom random;
  final Randoms randoms;
  final SimWire wire;
  final List<SimMember> members = new ArrayList<>();
  private final Path directory;
  private final Map<ByteString, Long> acknowledged = new HashMap<>();
  private final Tally tally = new Tally();
  private final boolean leases;
  private long nanos;
  private long lastTimestamp;
  private long nextKey;
  private boolean settling;
  private boolean quiet;
  private @Nullable String violation;

  /** What happened. */
  static final class Tally {
    long seeds = 1;
    long timestamps;
    long refusals;
    long writes;
    long kills;
    long pauses;
    long partitions;
    long jumps;
    long joined;
    long removed;
    long snapshots;
    long terms;

    void add(Tally other) {
      seeds += other.seeds;
      timestamps += other.timestamps;
      refusals += other.refusals;
      writes += other.writes;
      kills += other.kills;
      pauses += other.pauses;
      partitions += other.partitions;
      jumps += other.jumps;
      joined += other.joined;
      removed += other.removed;
      snapshots += other.snapshots;
      terms += other.terms;
    }

    @Override
    public String toString() {
      return ("seeds=%d timestamps=%d refusals=%d writes=%d kills=%d pauses=%d partitions=%d"
              + " jumps=%d joined=%d removed=%d snapshots=%d terms=%d")
          .formatted(
              seeds,
              timestamps,
              refusals,
              writes,
              kills,
              pauses,
              partitions,
              jumps,
              joined,
              removed,
              snapshots,
              terms);
    }
  }

  private MetaSim(long seed, Path directory, boolean leases) {
    this.leases = leases;
    this.random = new SplittableRandom(seed);
    this.randoms = Randoms.seeded(seed);
    this.wire = new SimWire(random.split());
    this.directory = directory;
    List<MemberRecord> founders = new ArrayList<>();
    for (int i = 1; i <= FOUNDERS; i++) {
      founders.add(record(i));
    }
    for (MemberRecord founder : founders) {
      members.add(new SimMember(this, founder.getId(), Founding.of(founders)));
    }
  }

  /** Runs one seed; fails with an AssertionError when a promise is broken. */
  static Tally run(long seed, int steps, Path directory) {
    return run(seed, steps, directory, true);
  }

  /** With {@code leases} false, leaders trust that they lead: timestamps must then go back. */
  static Tally run(long seed, int steps, Path directory, boolean leases) {
    MetaSim sim = new MetaSim(seed, directory.resolve("seed-" + seed), leases);
    try {
      for (int i = 0; i < steps; i++) {
        sim.step();
      }
      sim.settle();
      return sim.tally;
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
    } finally {
      sim.members.forEach(SimMember::discard);
    }
  }

  static MemberRecord record(long id) {
    return MemberRecord.newBuilder()
        .setId(id)
        .setName("pd" + id)
        .addPeerUrls("http://sim:" + id)
        .build();
  }

  boolean leases() {
    return leases;
  }

  long nanos() {
    return nanos;
  }

  Path directory(long id) {
    return directory.resolve("pd" + id);
  }

  Tally tally() {
    return tally;
  }

  /** Whether leaders write nothing of their own any more. */
  boolean quiet() {
    return quiet;
  }

  /** Time passes for everybody; called by whoever waits, too. */
  void step() {
    nanos += STEP_NANOS;
    if (!settling) {
      trouble();
    }
    int first = random.nextInt(members.size());
    for (int i = 0; i < members.size(); i++) {
      SimMember member = members.get((first + i) % members.size());
      wire.deliver(member, nanos);
      member.turn();
    }
    clients();
    assertThat(violation).isNull();
  }

  private void trouble() {
    SimMember some = members.get(random.nextInt(members.size()));
    switch (random.nextInt(900)) {
      case 0, 1 -> some.kill(random);
      case 2 -> some.pause(nanos + random.nextLong(20, 400) * 1_000_000L);
      case 3 -> {
        wire.cut(
            random.nextInt(1, 1 << members.size()), nanos + random.nextLong(50, 600) * 1_000_000L);
        tally.partitions++;
      }
      case 4, 5 -> {
        some.clock.jumpWallMillis(random.nextLong(-7_200_000, 7_200_000));
        tally.jumps++;
      }
      case 6 -> add();
      case 7 -> remove(some);
      default -> {}
    }
  }

  private void add() {
    SimMember leader = leader();
    if (leader == null
        || members.stream().filter(member -> !member.gone()).count() >= MEMBERS_MAX) {
      return;
    }
    long id = members.size() + 1L;
    leader
        .store()
        .addMember(record(id))
        .thenAccept(done -> {
          List<MemberRecord> known = leader.store().members();
          members.add(new SimMember(this, id, Founding.joining(known)));
          tally.joined++;
        });
  }

  private void remove(SimMember some) {
    SimMember leader = leader();
    if (leader != null && leader.store().members().size() > FOUNDERS) {
      leader.store().removeMember(some.id).thenAccept(done -> tally.removed++);
    }
  }

  /** A member that runs and serves, the newest if there are several that think so. */
  @Nullable SimMember leader() {
    SimMember newest = null;
    for (SimMember member : members) {
      if (member.runs()
          && member.store().leadership().serving()
          && (newest == null
              || member.store().leadership().term() > newest.store().leadership().term())) {
        newest = member;
      }
    }
    return newest;
  }

  private void clients() {
    SimMember some = members.get(random.nextInt(members.size()));
    if (some.runs()) {
      timestamp(some);
      if (!quiet && random.nextInt(4) == 0) {
        write(some);
      }
      if (random.nextInt(8) == 0) {
        read(some);
      }
    }
  }

  /** Any member may be asked; only one that leads for certain may answer. */
  void timestamp(SimMember member) {
    TimestampOracle oracle = member.oracle();
    if (oracle == null) {
      return;
    }
    int count = random.nextInt(1, 3_000);
    try {
      long last = oracle.allocate(count);
      if (last != TimestampOracle.RETRY) {
        assertThat(last - count + 1)
            .as("timestamp of member %d after %d", member.id, lastTimestamp)
            .isGreaterThan(lastTimestamp);
        lastTimestamp = last;
        tally.timestamps += count;
      }
    } catch (RutileException refused) {
      tally.refusals++;
    }
  }

  private void write(SimMember member) {
    ByteString key = ByteString.copyFromUtf8("key-" + nextKey++);
    TxnRequest.Builder put = TxnRequest.newBuilder();
    put.addSuccessBuilder().getRequestPutBuilder().setKey(key).setValue(key);
    member
        .store()
        .txn(put.build())
        .thenAccept(done -> {
          acknowledged.put(key, done.getHeader().getRevision());
          tally.writes++;
        });
  }

  private void read(SimMember member) {
    if (acknowledged.isEmpty()) {
      return;
    }
    ByteString newest = ByteString.copyFromUtf8("key-" + (nextKey - 1));
    for (long at = nextKey - 1; at >= 0 && !acknowledged.containsKey(newest); at--) {
      newest = ByteString.copyFromUtf8("key-" + at);
    }
    ByteString key = newest;
    member
        .store()
        .readBarrier()
        .thenAccept(now -> {
          if (!find(member, key)) {
            violation =
                "member %d reads no %s behind a barrier".formatted(member.id, key.toStringUtf8());
          }
        });
  }

  private static boolean find(SimMember member, ByteString key) {
    return member.store().range(RangeRequest.newBuilder().setKey(key).build()).getKvsCount() == 1;
  }

  /** Waits for a stage as a thread of a member does: the world goes on meanwhile. */
  <T> CompletionStage<T> await(CompletionStage<T> stage) {
    for (int i = 0; i < PATIENCE_STEPS && !stage.toCompletableFuture().isDone(); i++) {
      step();
    }
    if (!stage.toCompletableFuture().isDone()) {
      throw new MetaStoreException(
          MetaStoreException.Kind.UNKNOWN_OUTCOME, "etcdserver: request timed out");
    }
    return stage;
  }

  private void settle() {
    settling = true;
    wire.heal();
    members.forEach(SimMember::heal);
    for (int i = 0; i < SETTLE_STEPS; i++) {
      step();
    }
    List<SimMember> present = members.stream().filter(member -> !member.gone()).toList();
    assertThat(leader()).as("somebody leads").isNotNull();
    TxnRequest.Builder last = TxnRequest.newBuilder();
    last.addSuccessBuilder().getRequestPutBuilder().setKey(ByteString.copyFromUtf8("last"));
    assertThat(await(leader().store().txn(last.build()))).isCompleted();
    quiet = true;
    for (int i = 0; i < 200; i++) {
      step();
    }
    SimMember leader = leader();
    assertThat(leader).as("somebody leads").isNotNull();
    List<Long> group = leader.store().members().stream().map(MemberRecord::getId).toList();
    for (SimMember member : present) {
      if (!group.contains(member.id)) {
        continue;
      }
      acknowledged.forEach((key, revision) ->
          assertThat(find(member, key))
              .as(
                  "%s has %s of revision %d; %s leads",
                  member, key.toStringUtf8(), revision, leader)
              .isTrue());
      assertThat(member.image()).as("member %d", member.id).isEqualTo(leader.image());
    }
    tally.terms += leader.store().leadership().term();
  }
}
