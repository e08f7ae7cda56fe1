package io.rutile.pd.meta;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.rutile.base.clock.Clock;
import io.rutile.base.error.CorruptionException;
import io.rutile.proto.eraftpb.ConfChangeV2;
import io.rutile.proto.eraftpb.ConfState;
import io.rutile.proto.eraftpb.Entry;
import io.rutile.proto.eraftpb.EntryType;
import io.rutile.proto.etcdserverpb.LeaseRevokeRequest;
import io.rutile.proto.pdmetapb.LeaderClaim;
import io.rutile.proto.pdmetapb.MemberRecord;
import io.rutile.proto.pdmetapb.MetaCommand;
import io.rutile.proto.pdmetapb.MetaSnapshot;
import io.rutile.raft.core.ProposalDroppedException;
import io.rutile.raft.core.RaftConfig;
import io.rutile.raft.core.RaftNode;
import io.rutile.raft.core.Ready;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread of a member's store. One round: take the waiting tasks, let time pass, then write,
 * send and apply what the Raft core hands out. While it syncs the log, further writes queue up and
 * share the next sync.
 *
 * <p>A member serves as leader once its claim, the first entry of its term, is applied: then it has
 * applied everything that an earlier leader acknowledged. Writes are accepted only from then on,
 * and only in that term.
 *
 * <p>When the core, the log or the machine fails, the loop ends for good: it must not go on with a
 * state that may differ from what it promised.
 */
final class MetaLoop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MetaLoop.class);

  /** A fifth of the entries between two snapshots is kept, for members that lag a little. */
  private static final long KEPT_PART = 5;

  private static final int BATCH = 512;

  /** Ticks between two looks of a leader at its leases and learners. */
  private static final int LEADER_CHECK_TICKS = 5;

  private final MetaStoreOptions options;
  private final Clock clock;
  private final MessageFile<MetaSnapshot> snapshotFile;
  private final MetaMachine machine;
  private final MetaLog log;
  private final RaftNode node;
  private final LeaderLease lease;
  private final ReadBarriers barriers;
  private final PendingWrites pending;
  private final GroupChanges changes;
  private final LinkedBlockingQueue<MetaTask> queue = new LinkedBlockingQueue<>();
  private final List<LeadershipListener> listeners = new ArrayList<>();
  private final Set<Long> revoking = new HashSet<>();
  private final Thread thread;
  private volatile Leadership leadership = Leadership.NONE;
  private volatile RaftProgress progress = new RaftProgress(0, 0, 0);
  private volatile Set<Long> voters;
  private volatile boolean running = true;
  private long claimedTerm;

  /** This member has applied its own removal: it ends when the others have been told. */
  private boolean leaving;

  private long snapshotIndex;
  private long nextTickNanos;
  private int ticks;

  MetaLoop(MetaStoreOptions options, Founding founding) {
    this.options = options;
    this.clock = options.clock();
    this.snapshotFile =
        new MessageFile<>(
            options.directory().resolve("snapshot"), MessageFile.SNAPSHOT, MetaSnapshot.parser());
    MetaSnapshot stored = snapshotFile.load();
    boolean fresh = stored == null;
    MetaSnapshot base = stored == null ? first(founding) : stored;
    if (fresh) {
      snapshotFile.save(base);
    } else if (isRemoved(base.getConfState())) {
      throw removed();
    }
    this.machine = new MetaMachine(clock, base);
    this.log = new MetaLog(options.log(), base, this::snapshot);
    this.snapshotIndex = base.getAppliedIndex();
    this.lease = new LeaderLease(options.electionTimeoutNanos());
    this.node = new RaftNode(config(base, fresh), log);
    this.barriers = new ReadBarriers(node);
    this.pending = new PendingWrites(options.random().nextLong());
    this.changes = new GroupChanges(options.memberId(), node, machine, pending);
    this.voters = Set.copyOf(base.getConfState().getVotersList());
    this.thread = Thread.ofPlatform().name("pd-meta").daemon().unstarted(this::run);
  }

  /** What every founding member starts from; a joining one starts from nothing. */
  private static MetaSnapshot first(Founding founding) {
    MetaSnapshot.Builder base =
        MetaSnapshot.newBuilder()
            .setRevision(MvccState.FIRST_REVISION)
            .addAllMembers(founding.members());
    if (founding.founder()) {
      ConfState.Builder voters = ConfState.newBuilder();
      founding.members().stream().map(MemberRecord::getId).sorted().forEach(voters::addVoters);
      base.setAppliedIndex(1).setAppliedTerm(1).setConfState(voters);
    }
    return base.build();
  }

  /** Whether there is a group and this member is not part of it. */
  private boolean isRemoved(ConfState conf) {
    return conf.getVotersCount() > 0 && !GroupChanges.contains(conf, options.memberId());
  }

  private static MetaStoreException removed() {
    return new MetaStoreException(
        MetaStoreException.Kind.MEMBER,
        "this member was removed from the cluster: it can join again with an empty data directory");
  }

  private RaftConfig config(MetaSnapshot base, boolean fresh) {
    return RaftConfig.builder(options.memberId(), options.random())
        .electionTicks(options.electionTicks())
        .maxElectionTicks(options.electionTicks() * 3 / 2)
        .heartbeatTicks(Math.max(1, options.electionTicks() / 10))
        .applied(base.getAppliedIndex())
        .mayOweLease(!fresh && !isAlone(base.getConfState()))
        .build();
  }

  void start() {
    thread.start();
  }

  private long tickNanos() {
    return options.tickMillis() * 1_000_000L;
  }

  void offer(MetaTask task) {
    if (running) {
      queue.add(task);
    }
    if (!running) {
      drainClosed();
    }
  }

  MetaMachine machine() {
    return machine;
  }

  Leadership leadership() {
    return leadership;
  }

  RaftProgress progress() {
    return progress;
  }

  Set<Long> voters() {
    return voters;
  }

  long snapshotBytes() {
    return snapshotFile.bytes();
  }

  boolean isLeaseValid(long term) {
    return lease.isValid(term, clock.monotonicNanos());
  }

  private void run() {
    try {
      begin();
      while (running) {
        turn(queue.poll(waitNanos(), TimeUnit.NANOSECONDS));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | java.lang.Error e) {
      LOG.error("PD's store stops", e);
      options.fatal().accept(e);
    } finally {
      end();
    }
  }

  /** Before the first {@link #turn}. */
  void begin() {
    options.transport().members(machine.members());
    nextTickNanos = clock.monotonicNanos() + tickNanos();
    if (isAlone(log.confState())) {
      node.campaign();
    }
  }

  private boolean isAlone(ConfState conf) {
    return conf.getVotersCount() == 1
        && conf.getVotersOutgoingCount() == 0
        && conf.getVoters(0) == options.memberId();
  }

  /** One round, for {@code first}, which was waited for, and all that waits behind it. */
  void turn(@Nullable MetaTask first) {
    if (first != null) {
      handle(first);
      takeWaiting();
    }
    passTime();
    barriers.ask();
    while (running && node.hasReady()) {
      process();
    }
    barriers.release(machine.appliedIndex());
    if (leaving) {
      throw removed();
    }
  }

  /** One round for what waits, without waiting for more: for whoever drives the loop by hand. */
  void turn() {
    turn(queue.poll());
  }

  /** After the last {@link #turn}: everyone who waits is told. */
  void end() {
    running = false;
    publish(Leadership.NONE);
    lease.reset();
    drainClosed();
    barriers.fail(closed());
    pending.failAll("etcdserver: server stopped");
  }

  private long waitNanos() {
    return node.hasReady() ? 0 : Math.max(0, nextTickNanos - clock.monotonicNanos());
  }

  private void takeWaiting() {
    for (int i = 1; i < BATCH; i++) {
      MetaTask task = queue.poll();
      if (task == null) {
        return;
      }
      handle(task);
    }
  }

  private void passTime() {
    long now = clock.monotonicNanos();
    while (now - nextTickNanos >= 0) {
      nextTickNanos += tickNanos();
      node.tick();
      barriers.tick();
      ticks++;
      if (ticks % LEADER_CHECK_TICKS == 0 && leadership.serving()) {
        revokeExpired();
        changes.promote();
      }
    }
  }

  private void handle(MetaTask task) {
    switch (task) {
      case MetaTask.Step step -> node.step(step.message());
      case MetaTask.Unreachable report -> node.reportUnreachable(report.memberId());
      case MetaTask.SnapshotSent sent -> node.reportSnapshot(sent.memberId(), sent.delivered());
      case MetaTask.Propose propose -> propose(propose);
      case MetaTask.ChangeMember change -> changeMember(change);
      case MetaTask.Barrier barrier -> {
        if (leadership.serving() && isLeaseValid(leadership.term())) {
          barrier.done().complete(null);
        } else {
          barriers.add(barrier.done());
        }
      }
      case MetaTask.KeepAlive keepAlive -> {
        if (leadership.serving()) {
          keepAlive.done().complete(machine.state().leases().renew(keepAlive.leaseId()));
        } else {
          keepAlive.done().completeExceptionally(notLeader());
        }
      }
      case MetaTask.Delivered delivered -> delivered.done().complete(machine.state().revision());
      case MetaTask.AddWatch add ->
          machine.watches().add(add.spec(), add.listener(), machine.state());
      case MetaTask.RemoveWatch remove -> machine.watches().remove(remove.listener());
      case MetaTask.AddLeadershipListener add -> {
        listeners.add(add.listener());
        add.listener().changed(leadership);
      }
      case MetaTask.Transfer transfer -> transfer(transfer.memberId());
      case MetaTask.Wake() -> {}
    }
  }

  private static MetaStoreException notLeader() {
    return new MetaStoreException(MetaStoreException.Kind.NOT_LEADER, "etcdserver: not leader");
  }

  private void transfer(long memberId) {
    if (node.isLeader()) {
      changes.transfer(memberId);
    } else if (memberId != 0) {
      node.transferLeader(memberId);
    }
  }

  private void propose(MetaTask.Propose write) {
    boolean otherTerm = write.term() != 0 && write.term() != leadership.term();
    if (!leadership.serving() || otherTerm) {
      write.done().completeExceptionally(notLeader());
      return;
    }
    long sequence = pending.add(write.done());
    ByteString data =
        write
            .command()
            .setProposer(options.memberId())
            .setSequence(sequence)
            .build()
            .toByteString();
    try {
      node.propose(ByteString.EMPTY, data);
    } catch (ProposalDroppedException e) {
      pending.refuse(sequence, notLeader());
    }
  }

  private void changeMember(MetaTask.ChangeMember change) {
    if (!leadership.serving()) {
      change.done().completeExceptionally(notLeader());
      return;
    }
    changes.change(change.record(), change.done());
  }

  private void process() {
    long startNanos = clock.monotonicNanos();
    Ready ready = node.ready();
    if (ready.heartbeatRound() != 0) {
      lease.roundStarted(ready.heartbeatRound(), startNanos);
    }
    options.transport().send(ready.messages());
    if (ready.snapshot() != null) {
      install(ready);
    }
    log.write(ready);
    options.transport().send(ready.persistedMessages());
    node.onPersisted(ready.number());
    ready.readStates().forEach(barriers::answered);
    noteLeadership();
    for (Entry entry : ready.committedEntries()) {
      apply(entry);
    }
    if (!ready.committedEntries().isEmpty()) {
      node.advanceApplied(ready.committedEntries().getLast().getIndex());
      noteLeadership();
      snapshotWhenDue();
    }
    progress = new RaftProgress(node.term(), node.commitIndex(), machine.appliedIndex());
  }

  private void install(Ready ready) {
    MetaSnapshot snapshot;
    try {
      snapshot = MetaSnapshot.parseFrom(Objects.requireNonNull(ready.snapshot()).getData());
    } catch (InvalidProtocolBufferException e) {
      throw new CorruptionException("PD:etcd:ErrSnapshotCorrupt", "snapshot from a member", e);
    }
    snapshotFile.save(snapshot);
    log.startAfter(snapshot, ready.hardState());
    machine.restore(snapshot);
    snapshotIndex = snapshot.getAppliedIndex();
    voters = Set.copyOf(log.confState().getVotersList());
    options.transport().members(machine.members());
    node.advanceApplied(snapshot.getAppliedIndex());
  }

  /** Follows the core's role: claims when it leads, steps down when it does not. */
  private void noteLeadership() {
    if (!node.isLeader()) {
      if (claimedTerm != 0) {
        claimedTerm = 0;
        lease.reset();
        pending.failAll("etcdserver: leader changed");
      }
      publish(new Leadership(node.leaderId(), node.term(), false));
      return;
    }
    if (claimedTerm != node.term()) {
      lease.reset();
      pending.failAll("etcdserver: leader changed");
      claim();
    }
    if (isAlone(log.confState())) {
      lease.unlimited(node.term());
    } else if (node.leaseRevoked()) {
      lease.reset();
    } else {
      lease.roundConfirmed(node.term(), node.confirmedRound());
    }
    boolean serving = machine.isClaimedBy(options.memberId(), node.term());
    publish(new Leadership(options.memberId(), node.term(), serving));
  }

  private void claim() {
    MetaCommand claim =
        MetaCommand.newBuilder()
            .setProposer(options.memberId())
            .setLeaderClaim(LeaderClaim.newBuilder().setTerm(node.term()))
            .build();
    try {
      node.propose(ByteString.EMPTY, claim.toByteString());
      claimedTerm = node.term();
    } catch (ProposalDroppedException e) {
      LOG.debug("the claim of term {} has to wait: {}", node.term(), e.reason());
    }
  }

  private void publish(Leadership now) {
    if (!now.equals(leadership)) {
      if (now.serving()) {
        machine.state().leases().renewAll();
        revoking.clear();
      }
      leadership = now;
      for (LeadershipListener listener : listeners) {
        listener.changed(now);
      }
    }
  }

  private void apply(Entry entry) {
    try {
      if (entry.getEntryType() == EntryType.EntryNormal) {
        if (!entry.getData().isEmpty()) {
          apply(MetaCommand.parseFrom(entry.getData()));
        }
      } else {
        applyConfChange(entry);
      }
    } catch (InvalidProtocolBufferException e) {
      throw new CorruptionException(
          "PD:etcd:ErrLogCorrupt", "entry " + entry.getIndex() + " of PD's log", e);
    }
    machine.applied(entry.getIndex(), entry.getTerm());
    if (entry.getEntryType() != EntryType.EntryNormal) {
      writeSnapshot();
      leaving = isRemoved(log.confState());
    }
  }

  private void apply(MetaCommand command) {
    try {
      answer(command, machine.apply(command));
    } catch (MetaStoreException refusal) {
      if (command.getProposer() == options.memberId()) {
        pending.refuse(command.getSequence(), refusal);
      }
    }
    if (command.hasMember()) {
      options.transport().members(machine.members());
    }
  }

  private void answer(MetaCommand command, @Nullable Object answer) {
    if (command.getProposer() == options.memberId()) {
      pending.complete(command.getSequence(), answer);
    }
  }

  private void applyConfChange(Entry entry) throws InvalidProtocolBufferException {
    ConfChangeV2 change = ConfChangeV2.parseFrom(entry.getData());
    log.confState(node.applyConfChange(change));
    voters = Set.copyOf(log.confState().getVotersList());
    if (!change.getContext().isEmpty()) {
      MetaCommand command = MetaCommand.parseFrom(change.getContext());
      machine.changeMember(command.getMember());
      answer(command, null);
      options.transport().members(machine.members());
    }
  }

  private MetaSnapshot snapshot() {
    return machine.snapshot(log.confState());
  }

  private void snapshotWhenDue() {
    if (machine.appliedIndex() - snapshotIndex >= options.snapshotEntries()) {
      writeSnapshot();
      log.compact(machine.appliedIndex() - options.snapshotEntries() / KEPT_PART);
    }
  }

  private void writeSnapshot() {
    snapshotFile.save(snapshot());
    snapshotIndex = machine.appliedIndex();
  }

  private void revokeExpired() {
    if (!isLeaseValid(leadership.term())) {
      return;
    }
    for (long id : machine.state().leases().expired()) {
      if (revoking.add(id)) {
        var done = new CompletableFuture<Object>();
        done.whenComplete((answer, failure) -> revoking.remove(id));
        propose(
            new MetaTask.Propose(
                MetaCommand.newBuilder().setLeaseRevoke(LeaseRevokeRequest.newBuilder().setID(id)),
                leadership.term(),
                done));
      }
    }
  }

  private static MetaStoreException closed() {
    return new MetaStoreException(MetaStoreException.Kind.CLOSED, "etcdserver: server stopped");
  }

  private void drainClosed() {
    MetaStoreException closed = closed();
    for (MetaTask task = queue.poll(); task != null; task = queue.poll()) {
      switch (task) {
        case MetaTask.Propose propose -> propose.done().completeExceptionally(closed);
        case MetaTask.ChangeMember change -> change.done().completeExceptionally(closed);
        case MetaTask.Barrier barrier -> barrier.done().completeExceptionally(closed);
        case MetaTask.KeepAlive keepAlive -> keepAlive.done().completeExceptionally(closed);
        case MetaTask.Delivered delivered -> delivered.done().completeExceptionally(closed);
        case MetaTask.Step ignored -> {}
        case MetaTask.Unreachable ignored -> {}
        case MetaTask.SnapshotSent ignored -> {}
        case MetaTask.AddWatch ignored -> {}
        case MetaTask.RemoveWatch ignored -> {}
        case MetaTask.AddLeadershipListener ignored -> {}
        case MetaTask.Transfer ignored -> {}
        case MetaTask.Wake() -> {}
      }
    }
  }

  @Override
  public void close() {
    running = false;
    queue.add(new MetaTask.Wake());
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    options.transport().close();
    options.log().close();
  }
}
