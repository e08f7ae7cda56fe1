package io.rutile.raft.core;

import io.rutile.proto.eraftpb.Message;
import io.rutile.proto.eraftpb.MessageType;
import io.rutile.raft.confchange.Configuration;
import io.rutile.raft.log.InitialState;
import io.rutile.raft.log.RaftInvariantException;
import io.rutile.raft.log.RaftLogView;
import io.rutile.raft.log.RaftStorage;
import java.util.ArrayList;
import java.util.List;

/**
 * What all parts of a node share: identity, term and vote, role, log, configuration, and the
 * messages and read states that wait for the next Ready. The parts ({@link Elections}, {@link
 * Following}, {@link Replication}, {@link Reads}, {@link Transfers}, {@link Membership}) hold the
 * rules and no state of their own.
 */
final class PeerState {
  final long id;
  final RaftConfig config;
  final RaftLogView log;
  final Outbox outbox = new Outbox();

  Configuration configuration;
  Role role = new Role.Follower(0);
  long priority;
  boolean quiesced;

  /** Ticks that the node has seen. */
  long now;

  /** Ticks since the election timeout began. */
  int electionElapsed;

  int electionTimeout;

  /**
   * Ticks for which no vote is granted, because a leader that was heard of may count on that. Only
   * a leader's request to take over overrides it.
   */
  int voteWithheldTicks;

  /** This follower asks for a snapshot at this index or later, 0 for none. */
  long requestedSnapshot;

  private long term;
  private long vote;
  private List<ReadState> readStates = List.of();

  PeerState(RaftConfig config, RaftStorage storage) {
    this.id = config.id();
    this.config = config;
    this.priority = config.priority();
    InitialState initial = storage.initialState();
    this.term = initial.hardState().getTerm();
    this.vote = initial.hardState().getVote();
    this.log = new RaftLogView(storage, initial.hardState().getCommit(), config.applied());
    this.configuration = Configuration.from(initial.confState());
    this.voteWithheldTicks = config.mayOweLease() ? config.electionTicks() : 0;
    if (term < log.lastTerm()) {
      throw new RaftInvariantException(
          "stored term " + term + " is behind the log, which ends in term " + log.lastTerm());
    }
  }

  long term() {
    return term;
  }

  long vote() {
    return vote;
  }

  /** Enters a term, without a vote in it. */
  void enterTerm(long newTerm) {
    if (newTerm < term) {
      throw new RaftInvariantException("term goes back from " + term + " to " + newTerm);
    }
    if (newTerm > term) {
      term = newTerm;
      vote = 0;
    }
  }

  /** Votes in the current term; there is one vote. */
  void voteFor(long candidate) {
    if (vote != 0 && vote != candidate) {
      throw new RaftInvariantException(
          "second vote in term " + term + ": for " + candidate + " after " + vote);
    }
    vote = candidate;
  }

  long leaderId() {
    return switch (role) {
      case Role.Follower follower -> follower.leaderId;
      case Role.PreCandidate _, Role.Candidate _ -> 0;
      case Leader _ -> id;
    };
  }

  boolean promotable() {
    return configuration.isVoter(id) && !log.hasPendingSnapshot();
  }

  boolean isOnlyVoter() {
    return !configuration.isJoint()
        && configuration.voters().incoming().size() == 1
        && configuration.voters().contains(id);
  }

  boolean commitToCurrentTerm() {
    return log.termAt(log.committed()) == term;
  }

  /** A message in the current term. */
  Message.Builder message(MessageType type, long to) {
    return Message.newBuilder().setMsgType(type).setFrom(id).setTo(to).setTerm(term);
  }

  /** A request that a leader of any term may answer. */
  Message.Builder messageWithoutTerm(MessageType type, long to) {
    return Message.newBuilder().setMsgType(type).setFrom(id).setTo(to);
  }

  void addReadState(ReadState state) {
    if (readStates.isEmpty()) {
      readStates = new ArrayList<>();
    }
    readStates.add(state);
  }

  boolean hasReadStates() {
    return !readStates.isEmpty();
  }

  List<ReadState> takeReadStates() {
    List<ReadState> taken = readStates;
    readStates = List.of();
    return taken;
  }
}
