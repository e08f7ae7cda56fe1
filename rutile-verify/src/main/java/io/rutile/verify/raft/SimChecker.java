package io.rutile.verify.raft;

import com.google.protobuf.ByteString;
import io.rutile.proto.eraftpb.ConfState;
import io.rutile.proto.eraftpb.Entry;
import io.rutile.proto.eraftpb.Message;
import io.rutile.proto.eraftpb.SnapshotMetadata;
import io.rutile.raft.core.RaftNode;
import io.rutile.raft.core.ReadState;
import io.rutile.raft.core.Ready;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Holds a run against what Raft promises (figure 3 of the paper, and what leases and read indexes
 * add). It sees all nodes and disks at once, which no node can.
 */
final class SimChecker {
  private record Position(long term, long index) {}

  private record Contents(long previousTerm, ByteString data, int type) {}

  private record Committed(long term, ByteString data) {}

  /** The terms of a node's log in memory, from the entry before its first one. */
  private record TermLog(long start, List<Long> terms) {
    /** Sets the term at an index and forgets what follows; returns the term before it. */
    long put(long index, long term) {
      int slot = (int) (index - start);
      terms.subList(slot, terms.size()).clear();
      terms.add(term);
      return terms.get(slot - 1);
    }
  }

  /** Entries back from the newest committed one that a new leader is checked for. */
  private static final int COMPLETENESS_WINDOW = 300;

  private final List<SimNode> nodes;
  private final Map<Long, Long> leaderOfTerm = new HashMap<>();
  private final Map<Position, Contents> entries = new HashMap<>();
  private final TreeMap<Long, Committed> committed = new TreeMap<>();
  private final Map<Position, Long> votes = new HashMap<>();
  private final Map<Long, Long> machineHashes = new HashMap<>();
  private final Map<ByteString, Long> readFloors = new HashMap<>();
  private final Map<Long, Long> lastCommit = new HashMap<>();
  private final Map<Long, TermLog> logs = new HashMap<>();
  private long highestCommit;
  private long reads;

  SimChecker(List<SimNode> nodes) {
    this.nodes = nodes;
    nodes.forEach(this::onStart);
  }

  static void require(boolean condition, String rule, Object... details) {
    if (!condition) {
      throw new SimViolation(rule + ": " + List.of(details));
    }
  }

  long highestCommit() {
    return highestCommit;
  }

  long reads() {
    return reads;
  }

  int terms() {
    return leaderOfTerm.size();
  }

  /** A node has started on what its disk holds. */
  void onStart(SimNode node) {
    List<Long> terms = new ArrayList<>();
    long start = node.disk.firstIndex() - 1;
    for (long index = start; index <= node.disk.lastIndex(); index++) {
      terms.add(node.disk.term(index));
    }
    logs.put(node.id, new TermLog(start, terms));
    lastCommit.remove(node.id);
  }

  private TermLog logOf(long id) {
    return Objects.requireNonNull(logs.get(id));
  }

  /** To be called whenever a node has done anything. */
  void onStep(SimNode node) {
    RaftNode raft = node.raft();
    if (raft.isLeader()) {
      Long known = leaderOfTerm.putIfAbsent(raft.term(), node.id);
      require(known == null || known == node.id, "two leaders in a term", raft.term(), node.id);
      if (known == null) {
        checkElected(node);
        checkLeaderIsComplete(node);
      }
    }
    checkCommit(node, raft);
  }

  private void checkElected(SimNode leader) {
    ConfState members = leader.raft().confState();
    long term = leader.raft().term();
    require(
        leader.disk.hardState().getTerm() == term && leader.disk.hardState().getVote() == leader.id,
        "leader whose own vote is not durable",
        leader.id,
        term);
    require(
        elected(members.getVotersList(), term, leader.id)
            && elected(members.getVotersOutgoingList(), term, leader.id),
        "leader without the votes of a quorum",
        leader.id,
        term);
  }

  private boolean elected(List<Long> voters, long term, long candidate) {
    long granted =
        voters.stream()
            .filter(voter -> voter == candidate || votedFor(candidate, term, voter))
            .count();
    return voters.isEmpty() || 2 * granted > voters.size();
  }

  private boolean votedFor(long candidate, long term, long voter) {
    return votes.getOrDefault(new Position(term, voter), 0L) == candidate;
  }

  private void checkLeaderIsComplete(SimNode leader) {
    for (Map.Entry<Long, Committed> each :
        committed.tailMap(highestCommit - COMPLETENESS_WINDOW).entrySet()) {
      require(
          each.getValue().term() >= leader.raft().term()
              || leader.disk.holds(each.getKey(), each.getValue().term()),
          "leader lacks a committed entry",
          leader.id,
          leader.raft().term(),
          each.getKey());
    }
  }

  private void checkCommit(SimNode node, RaftNode raft) {
    long commit = raft.commitIndex();
    long before = lastCommit.getOrDefault(node.id, 0L);
    require(commit >= before, "commit index went back", node.id, before, commit);
    if (commit > before) {
      lastCommit.put(node.id, commit);
      if (raft.isLeader()) {
        checkDurableOnQuorum(raft, node.id, commit);
      }
      highestCommit = Math.max(highestCommit, commit);
    }
  }

  private void checkDurableOnQuorum(RaftNode raft, long leader, long index) {
    ConfState members = raft.confState();
    TermLog log = logOf(leader);
    int slot = (int) (index - log.start());
    require(slot < log.terms().size(), "committed unseen", leader, index);
    long term = log.terms().get(slot);
    require(term == raft.term(), "committed an older term by counting", leader, term, index);
    require(
        durableOn(members.getVotersList(), index, term)
            && durableOn(members.getVotersOutgoingList(), index, term),
        "committed without being durable on a quorum",
        leader,
        term,
        index);
  }

  private boolean durableOn(List<Long> voters, long index, long term) {
    int holders = 0;
    for (SimNode node : nodes) {
      holders += voters.contains(node.id) && node.disk.holds(index, term) ? 1 : 0;
    }
    return voters.isEmpty() || 2 * holders > voters.size();
  }

  /** A node has handed over new entries, commitments and read states. */
  void onReady(SimNode node, Ready ready) {
    if (ready.snapshot() != null) {
      SnapshotMetadata meta = ready.snapshot().getMetadata();
      logs.put(node.id, new TermLog(meta.getIndex(), new ArrayList<>(List.of(meta.getTerm()))));
    }
    for (Entry entry : ready.entries()) {
      checkLogMatching(node, entry);
    }
    for (Entry entry : ready.committedEntries()) {
      Committed mine = new Committed(entry.getTerm(), entry.getData());
      Committed known = committed.putIfAbsent(entry.getIndex(), mine);
      require(
          known == null || known.equals(mine),
          "two entries committed at one index",
          entry.getIndex(),
          node.id);
    }
    for (ReadState read : ready.readStates()) {
      checkRead(node, read);
    }
  }

  /** Entries of one term and index are equal and follow equal entries, hence logs match below. */
  private void checkLogMatching(SimNode node, Entry entry) {
    long previousTerm = logOf(node.id).put(entry.getIndex(), entry.getTerm());
    Contents mine = new Contents(previousTerm, entry.getData(), entry.getEntryTypeValue());
    Contents known = entries.putIfAbsent(new Position(entry.getTerm(), entry.getIndex()), mine);
    require(
        known == null || known.equals(mine),
        "logs do not match",
        node.id,
        entry.getTerm(),
        entry.getIndex());
  }

  /** A node asks for a read; its answer must not be older than what is committed now. */
  void onReadRequested(ByteString context) {
    readFloors.put(context, highestCommit);
  }

  private void checkRead(SimNode node, ReadState read) {
    Long floor = readFloors.get(read.requestContext());
    require(
        floor != null && read.index() >= floor,
        "stale read index",
        node.id,
        read.index(),
        floor == null ? "unknown request" : floor);
    reads++;
  }

  /** A message leaves a node: its promises must agree with all it ever gave. */
  void onSent(Message message) {
    switch (message.getMsgType()) {
      case MsgRequestVote -> checkVote(message, message.getFrom());
      case MsgRequestVoteResponse -> {
        if (!message.getReject()) {
          checkVote(message, message.getTo());
        }
      }
      default -> {}
    }
  }

  private void checkVote(Message message, long candidate) {
    Long earlier = votes.putIfAbsent(new Position(message.getTerm(), message.getFrom()), candidate);
    require(
        earlier == null || earlier == candidate,
        "two votes in a term",
        message.getFrom(),
        message.getTerm());
  }

  /** State machines at one index are equal. */
  void onApplied(SimNode node) {
    Long known = machineHashes.putIfAbsent(node.machine().index(), node.machine().hash());
    require(
        known == null || known == node.machine().hash(),
        "state machines differ",
        node.id,
        node.machine().index());
  }

  /** While one leader is in its lease there is no later one. */
  void checkLeases(long now) {
    long latestTerm = 0;
    for (SimNode node : nodes) {
      if (node.isUp() && node.raft().isLeader()) {
        latestTerm = Math.max(latestTerm, node.raft().term());
      }
    }
    for (SimNode node : nodes) {
      boolean awake = node.pausedUntil <= now && node.missedTicks == 0;
      if (node.isUp() && awake && node.raft().inLease()) {
        require(
            node.raft().term() >= latestTerm,
            "lease of a deposed leader",
            node.id,
            node.raft().term(),
            latestTerm);
      }
    }
  }
}
