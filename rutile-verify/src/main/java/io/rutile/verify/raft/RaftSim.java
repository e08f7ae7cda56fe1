package io.rutile.verify.raft;

import com.google.protobuf.ByteString;
import io.rutile.proto.eraftpb.ConfState;
import io.rutile.proto.eraftpb.Entry;
import io.rutile.proto.eraftpb.Message;
import io.rutile.proto.eraftpb.MessageType;
import io.rutile.raft.core.ProposalDroppedException;
import io.rutile.raft.core.RaftNode;
import io.rutile.raft.core.Ready;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One group of real consensus cores on virtual time, for one seed. First trouble of all kinds, as
 * the seed's {@link SimOptions} say; then calm, in which the group must come back to life; then it
 * must agree. {@link SimChecker} watches all along.
 */
public final class RaftSim {
  /**
   * What a run did, if it broke no promise.
   *
   * @param traceHash over everything that happened; equal for equal seeds
   * @param electionTicks from the beginning of the calm to a leader
   */
  public record Result(
      long seed,
      long events,
      long traceHash,
      long committed,
      int terms,
      long reads,
      long crashes,
      long confChanges,
      long snapshots,
      long transfers,
      long electionTicks) {}

  private static final int LEADER_WITHIN_ELECTION_TIMEOUTS = 20;
  private static final int CALM_WORK_TICKS = 50;
  private static final int AGREEMENT_TICKS_MAX = 300;

  final SimClock clock = new SimClock();
  final SimOptions options;
  final List<SimNode> nodes = new ArrayList<>();
  final SimNetwork network;
  final SimChecker checker;
  final RandomGenerator random;
  private final long seed;
  private final SimTrouble trouble;
  private long events;
  private long traceHash;
  private long requests;
  private long snapshots;
  private boolean calm;
  private boolean clientsGone;

  private RaftSim(long seed) {
    this.seed = seed;
    SplittableRandom source = new SplittableRandom(seed);
    this.options = SimOptions.random(source);
    this.random = source.split();
    this.network = new SimNetwork(clock, options, source.split(), this::receive, this::lost);
    ConfState.Builder members = ConfState.newBuilder();
    for (long id = 1; id <= options.voters(); id++) {
      members.addVoters(id);
    }
    for (long id = 1; id <= options.voters() + options.spares(); id++) {
      SimDisk disk = id <= options.voters() ? SimDisk.founding(members.build()) : new SimDisk();
      // Clocks differ by up to 8 percent, which leases must bear.
      int interval = SimOptions.TICK * (96 + random.nextInt(9)) / 100;
      nodes.add(new SimNode(id, disk, interval, options, source.split()));
    }
    this.checker = new SimChecker(nodes);
    this.trouble = new SimTrouble(this);
  }

  /**
   * Runs a seed.
   *
   * @param troubleTicks how much virtual time the trouble lasts
   * @throws SimViolation when a promise was broken
   */
  public static Result run(long seed, int troubleTicks) {
    RaftSim sim = new RaftSim(seed);
    try {
      return sim.run(troubleTicks);
    } catch (SimViolation violation) {
      throw new SimViolation(sim.describe(violation), violation);
    } catch (RuntimeException broken) {
      throw new SimViolation(sim.describe(broken), broken);
    }
  }

  private String describe(Throwable broken) {
    StringBuilder text =
        new StringBuilder(
            "seed %d, event %d, virtual time %d, %s: %s"
                .formatted(seed, events, clock.now(), options, broken));
    for (SimNode node : nodes) {
      text.append(System.lineSeparator())
          .append(node.isUp() ? node.raft().status().toString().replace('\n', ' ') : "down");
    }
    return text.toString();
  }

  private Result run(int troubleTicks) {
    nodes.forEach(node -> clock.after(random.nextInt(node.tickInterval), () -> tick(node)));
    trouble.begin();
    clock.after(1, this::client);
    runUntil(clock.now() + (long) troubleTicks * SimOptions.TICK);
    long electionTicks = calmDown();
    agree();
    return new Result(
        seed,
        events,
        traceHash,
        checker.highestCommit(),
        checker.terms(),
        checker.reads(),
        trouble.crashes(),
        trouble.confChanges(),
        snapshots,
        trouble.transfers(),
        electionTicks);
  }

  private void runUntil(long deadline) {
    while (clock.step(deadline)) {
      events++;
    }
  }

  void trace(long kind, long what) {
    traceHash = (traceHash ^ kind) * 0x9E3779B97F4A7C15L;
    traceHash = Long.rotateLeft(traceHash ^ what ^ clock.now(), 23) * 0xBF58476D1CE4E5B9L;
  }

  /** Ends all trouble and waits for a leader. */
  private long calmDown() {
    calm = true;
    trouble.end();
    network.calm();
    for (SimNode node : nodes) {
      node.pausedUntil = 0;
      node.disk.setSnapshotReady(true);
      if (!node.isUp()) {
        restart(node);
      }
      pump(node);
    }
    long start = clock.now();
    // The timeout is randomized between one and two times the configured ticks.
    long limit = 2L * LEADER_WITHIN_ELECTION_TIMEOUTS * SimOptions.ELECTION_TICKS;
    while (leader() == null) {
      runUntil(clock.now() + SimOptions.TICK);
      SimChecker.require(
          clock.now() - start < limit * SimOptions.TICK, "no leader after the trouble ended");
    }
    return (clock.now() - start) / SimOptions.TICK;
  }

  /** The leader of the latest term, if it knows that it is. */
  @Nullable SimNode leader() {
    SimNode best = null;
    for (SimNode node : nodes) {
      boolean leads = node.isUp() && node.raft().isLeader() && node.raft().commitToCurrentTerm();
      if (leads && (best == null || best.raft().term() < node.raft().term())) {
        best = node;
      }
    }
    return best;
  }

  /** Everything committed must reach every member's state machine. */
  private void agree() {
    runUntil(clock.now() + (long) CALM_WORK_TICKS * SimOptions.TICK);
    clientsGone = true;
    long start = clock.now();
    while (!agreed()) {
      runUntil(clock.now() + SimOptions.TICK);
      SimChecker.require(
          clock.now() - start < (long) AGREEMENT_TICKS_MAX * SimOptions.TICK,
          "members do not catch up");
    }
  }

  private boolean agreed() {
    SimNode leader = leader();
    if (leader == null || leader.machine().index() < checker.highestCommit()) {
      return false;
    }
    ConfState members = leader.raft().confState();
    for (SimNode node : nodes) {
      boolean member =
          members.getVotersList().contains(node.id) || members.getLearnersList().contains(node.id);
      if (member && node.machine().hash() != leader.machine().hash()) {
        return false;
      }
    }
    return true;
  }

  // ---- what nodes do ----

  private void tick(SimNode node) {
    clock.after(node.tickInterval, () -> tick(node));
    if (!node.isUp()) {
      return;
    }
    if (isPaused(node)) {
      node.missedTicks++;
      return;
    }
    trace(1, node.id);
    node.raft().tick();
    pump(node);
  }

  private boolean isPaused(SimNode node) {
    return node.pausedUntil > clock.now();
  }

  /** Runs {@code work} on the node, later if it is paused, never if it has crashed by then. */
  private void onNode(SimNode node, int life, Runnable work) {
    if (!node.isUp() || node.life != life) {
      return;
    }
    if (isPaused(node)) {
      clock.after(node.pausedUntil - clock.now(), () -> onNode(node, life, work));
      return;
    }
    // Ticks that a pause kept from the node come first: leases count on that.
    for (; node.missedTicks > 0; node.missedTicks--) {
      node.raft().tick();
    }
    work.run();
  }

  /** Takes what the node has ready, at once or a little later. */
  void pump(SimNode node) {
    checker.onStep(node);
    checker.checkLeases(clock.now());
    if (random.nextInt(4) == 0) {
      int life = node.life;
      clock.after(random.nextInt(100), () -> onNode(node, life, () -> takeReadys(node)));
    } else {
      takeReadys(node);
    }
  }

  private void takeReadys(SimNode node) {
    while (node.raft().hasReady()) {
      boolean idle = !node.isWriting();
      Ready ready = node.takeReady();
      trace(2, node.id + 31 * ready.number());
      checker.onReady(node, ready);
      ready.messages().forEach(this::send);
      if (idle) {
        scheduleWrite(node);
      }
      if (!ready.committedEntries().isEmpty()) {
        scheduleApply(node);
      }
      if (node.disk.takeSnapshotWanted()) {
        node.disk.flush(node.machine());
      }
      checker.onStep(node);
    }
  }

  private void scheduleWrite(SimNode node) {
    int life = node.life;
    boolean slow = node.nextWrite().hasWrites();
    int max = calm ? Math.min(options.diskDelayMax(), SimOptions.TICK / 4) : options.diskDelayMax();
    clock.after(slow ? 1 + random.nextInt(max) : 0, () -> onNode(node, life, () -> write(node)));
  }

  private void write(SimNode node) {
    long number = node.nextWrite().number();
    trace(3, node.id + 31 * number);
    Ready written = node.nextWrite();
    node.finishWrite().forEach(this::send);
    if (node.isWriting()) {
      scheduleWrite(node);
    }
    // The report to the node may come later than the promises leave.
    int life = node.life;
    if (written.snapshot() == null && random.nextInt(4) == 0) {
      clock.after(random.nextInt(200), () -> onNode(node, life, () -> reportWritten(node, number)));
    } else {
      reportWritten(node, number);
      if (written.snapshot() != null) {
        node.raft().advanceApplied(written.snapshot().getMetadata().getIndex());
        checker.onApplied(node);
        reportSnapshot(node.id, true);
        pump(node);
      }
    }
  }

  private void reportWritten(SimNode node, long number) {
    node.raft().onPersisted(number);
    pump(node);
  }

  private void scheduleApply(SimNode node) {
    int life = node.life;
    clock.after(1 + random.nextInt(300), () -> onNode(node, life, () -> apply(node)));
  }

  private void apply(SimNode node) {
    for (Entry entry : node.apply(1 + random.nextInt(8))) {
      trace(4, node.id + 31 * entry.getIndex());
    }
    checker.onApplied(node);
    if (random.nextInt(3) == 0) {
      node.disk.flush(node.machine());
    }
    if (node.isApplying()) {
      scheduleApply(node);
    }
    pump(node);
  }

  // ---- messages ----

  private void send(Message message) {
    checker.onSent(message);
    if (message.getMsgType() == MessageType.MsgSnapshot) {
      snapshots++;
    }
    network.send(message);
  }

  private void receive(Message message) {
    SimNode node = nodes.get((int) message.getTo() - 1);
    if (!node.isUp()) {
      lost(message);
      return;
    }
    onNode(
        node,
        node.life,
        () -> {
          trace(5, hash(message));
          node.raft().step(message);
          if (message.getMsgType() == MessageType.MsgSnapshot) {
            clock.after(20L * SimOptions.TICK, () -> reportSnapshot(node.id, false));
          }
          pump(node);
        });
  }

  private static long hash(Message m) {
    long hash = m.getMsgTypeValue();
    hash = hash * 31 + m.getFrom();
    hash = hash * 31 + m.getTo();
    hash = hash * 31 + m.getTerm();
    hash = hash * 31 + m.getIndex();
    hash = hash * 31 + m.getLogTerm();
    hash = hash * 31 + m.getCommit();
    hash = hash * 31 + m.getEntriesCount();
    return hash * 31 + (m.getReject() ? 1 : 0);
  }

  private void lost(Message message) {
    if (message.getMsgType() == MessageType.MsgSnapshot) {
      clock.after(2L * SimOptions.TICK, () -> reportSnapshot(message.getTo(), false));
    } else if (random.nextInt(10) == 0) {
      SimNode from = nodes.get((int) message.getFrom() - 1);
      if (from.isUp() && !isPaused(from)) {
        from.raft().reportUnreachable(message.getTo());
      }
    }
  }

  /** Whoever leads is told; others do not care. */
  private void reportSnapshot(long peer, boolean ok) {
    for (SimNode node : nodes) {
      if (node.isUp() && !isPaused(node)) {
        node.raft().reportSnapshot(peer, ok);
      }
    }
  }

  // ---- clients ----

  private void client() {
    clock.after(1 + random.nextInt(calm ? 5 * SimOptions.TICK : 600), this::client);
    SimNode node = nodes.get(random.nextInt(nodes.size()));
    if (!node.isUp() || isPaused(node) || clientsGone) {
      return;
    }
    onNode(node, node.life, () -> request(node));
  }

  private void request(SimNode node) {
    ByteString content = ByteString.copyFromUtf8("r" + requests++);
    RaftNode raft = node.raft();
    if (random.nextInt(4) == 0) {
      checker.onReadRequested(content);
      raft.readIndex(content);
    } else if (raft.isLeader()) {
      try {
        raft.propose(ByteString.EMPTY, content);
      } catch (ProposalDroppedException dropped) {
        trace(6, dropped.reason().ordinal());
      }
    }
    pump(node);
  }

  void restart(SimNode node) {
    node.start(true);
    checker.onStart(node);
    trace(7, node.id);
    pump(node);
  }
}
