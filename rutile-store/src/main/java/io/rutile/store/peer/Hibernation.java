package io.rutile.store.peer;

import io.rutile.proto.raftserverpb.ExtraMessage;
import io.rutile.proto.raftserverpb.ExtraMessageType;
import io.rutile.proto.raftserverpb.PeerState;
import io.rutile.raft.core.PeerProgress;
import io.rutile.raft.core.RaftNode;
import io.rutile.raft.tracker.ProgressState;
import io.rutile.store.RaftstoreConfig;
import java.util.HashSet;
import java.util.Set;

/**
 * Lets an idle region sleep: its peers keep no time and send no heartbeats. Owned by: store loop.
 *
 * <p>A leader that has seen nothing happen for an election timeout, and whose followers all hold
 * and know the whole log as committed, asks every one of them to sleep. A follower that agrees
 * sleeps at once; the leader does when all have agreed and nothing has happened since it asked.
 * Whatever reaches a sleeping Raft node (a message, a proposal, a read) wakes it, and a leader that
 * wakes sends heartbeats, which wake the others; so a misunderstanding costs a few messages, never
 * more.
 *
 * <p>Sleeping gives nothing away: a sleeping leader's lease runs out on the clock, and a sleeping
 * follower votes for nobody until it has been awake for an election timeout. What sleep could hide
 * is a dead peer. So a leader wakes when the store of a follower cannot be reached, a follower when
 * the store of its leader cannot, and to be sure a follower asks its leader for a sign of life now
 * and then.
 */
final class Hibernation {
  private final Peer peer;
  private final boolean enabled;
  private final int electionTicks;
  private final long lifeCheckTicks;
  private final Set<Long> agreed = new HashSet<>();
  private boolean asleep;
  private long asleepTicks;
  private long unansweredTicks;
  private long idleTicks;
  private long seenIndex;
  private long seenRound;
  private boolean askNow;
  private long askedIndex;
  private long askedRound;
  private long askedBy;
  private long askedByIndex;

  Hibernation(Peer peer) {
    this.peer = peer;
    RaftstoreConfig config = peer.store().config();
    this.enabled = config.election().hibernateRegions();
    this.electionTicks = config.election().electionTicks();
    this.lifeCheckTicks = PeerOrders.ticksOf(config, config.peers().staleCheck());
    this.asleepTicks = peer.regionId() & 0xFFFF; // spreads the questions of many regions
  }

  /** Whether the peer slept at the last tick: what it has heard of others is out of date. */
  boolean asleep() {
    return asleep || peer.node().isQuiesced();
  }

  /** A tick has passed. Returns whether the peer sleeps through it. */
  boolean tick() {
    boolean sleeps = peer.node().isQuiesced();
    if (sleeps != asleep) {
      asleep = sleeps;
      idleTicks = 0;
      unansweredTicks = 0;
      peer.handle().publishHibernating(sleeps);
    }
    if (sleeps) {
      checkLife();
    } else if (enabled) {
      observe();
    }
    return sleeps;
  }

  private void observe() {
    seenRound = peer.readies().heartbeatRound();
    if (isIdle()) {
      idleTicks++;
      askNow = idleTicks >= electionTicks;
    } else {
      idleTicks = 0;
    }
    seenIndex = peer.node().lastIndex();
  }

  private boolean isIdle() {
    RaftNode node = peer.node();
    long last = node.lastIndex();
    return node.isLeader()
        && last == seenIndex
        && last == node.commitIndex()
        && last == peer.appliedIndex()
        && peer.appliedTerm() == node.term()
        && peer.state() == PeerState.Normal
        && peer.leadership().maxTsSynced()
        && peer.reads().isEmpty()
        && !peer.writes().hasWaiting()
        && !peer.admin().hasInFlight();
  }

  /** At the end of the peer's turn, after all else was sent. */
  void afterDrive() {
    if (askNow) {
      askNow = false;
      ask();
    }
    if (askedBy != 0) {
      answer();
      askedBy = 0;
    }
  }

  /** Not in a turn with heartbeats: their answers would come after the followers' consent. */
  private void ask() {
    RaftNode node = peer.node();
    if (!isIdle() || peer.readies().heartbeatRound() != seenRound) {
      return;
    }
    for (PeerProgress progress : node.status().progress()) {
      if (progress.id() != peer.peerId()
          && (progress.state() != ProgressState.REPLICATE
              || progress.match() != seenIndex
              || progress.committed() != seenIndex)) {
        return;
      }
    }
    askedIndex = seenIndex;
    askedRound = seenRound;
    agreed.clear();
    agreed.add(peer.peerId());
    for (var member : peer.image().region().getPeersList()) {
      if (member.getId() != peer.peerId()) {
        peer.links().sendExtra(member, message(ExtraMessageType.MsgHibernateRequest, askedIndex));
      }
    }
    sleepIfAllAgree();
  }

  private static ExtraMessage message(ExtraMessageType type, long index) {
    return ExtraMessage.newBuilder().setType(type).setIndex(index).build();
  }

  /** The leader, whose log ends at {@code index}, asks this follower to sleep. */
  void onRequest(long leader, long index) {
    askedBy = leader;
    askedByIndex = index;
    peer.host().markDirty(peer);
  }

  private void answer() {
    RaftNode node = peer.node();
    var leader = peer.image().peer(askedBy);
    if (leader == null
        || node.isLeader()
        || node.leaderId() != askedBy
        || node.lastIndex() != askedByIndex
        || node.commitIndex() != askedByIndex
        || peer.appliedIndex() != askedByIndex
        || peer.state() != PeerState.Normal
        || !peer.reads().isEmpty()) {
      return;
    }
    node.quiesce();
    peer.links().sendExtra(leader, message(ExtraMessageType.MsgHibernateResponse, askedByIndex));
  }

  /** A follower sleeps. */
  void onResponse(long follower, long index) {
    if (index == askedIndex) {
      agreed.add(follower);
      sleepIfAllAgree();
    }
  }

  private void sleepIfAllAgree() {
    if (!isIdle()
        || seenIndex != askedIndex
        || peer.readies().heartbeatRound() != askedRound
        || !agreed.containsAll(peer.image().peerIds())) {
      return;
    }
    peer.node().quiesce();
  }

  /** Sent by the leader in answer to a question for life. */
  void onSignOfLife(long from) {
    if (from == peer.node().leaderId()) {
      unansweredTicks = 0;
    }
  }

  private void checkLife() {
    if (peer.node().isLeader()) {
      return;
    }
    if (unansweredTicks > 0 && ++unansweredTicks > electionTicks) {
      wake();
    } else if (++asleepTicks % lifeCheckTicks == 0) {
      var leader = peer.image().peer(peer.node().leaderId());
      if (leader == null) {
        wake();
        return;
      }
      unansweredTicks = 1;
      peer.links().sendExtra(leader, message(ExtraMessageType.MsgCheckStalePeer, 0));
    }
  }

  /**
   * A store cannot be reached: if the leader or a follower is there, sleep could hide its death.
   */
  void onUnreachable(long leaderOrFollower) {
    if (peer.node().isQuiesced()
        && (peer.node().isLeader() || peer.node().leaderId() == leaderOrFollower)) {
      wake();
    }
  }

  void wake() {
    peer.node().wake();
    peer.host().markDirty(peer);
  }
}
