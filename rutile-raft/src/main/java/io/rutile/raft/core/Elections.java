package io.rutile.raft.core;

import com.google.protobuf.ByteString;
import io.rutile.proto.eraftpb.Entry;
import io.rutile.proto.eraftpb.EntryType;
import io.rutile.proto.eraftpb.Message;
import io.rutile.proto.eraftpb.MessageType;
import io.rutile.raft.log.RaftInvariantException;
import io.rutile.raft.quorum.VoteTally;
import java.util.List;

/**
 * Changes of role and term: timeouts, campaigns, votes (paper 5.2, 5.4.1; thesis 4.2.3, 9.6).
 *
 * <p>Why a candidate's own vote waits: {@code MsgRequestVote} leaves only after term, vote and log
 * are durable, and the vote for itself counts only then. A peer that crashes in between can so
 * never collect answers to a request that it does not remember, nor lead in a term that it may
 * enter a second time.
 */
final class Elections {
  /** Marks the campaign of a peer that was asked to take over. Peers of TiKV use the same bytes. */
  static final ByteString TRANSFER = ByteString.copyFromUtf8("CampaignTransfer");

  private final PeerState peer;
  private final Replication replication;

  Elections(PeerState peer, Replication replication) {
    this.peer = peer;
    this.replication = replication;
    restartElectionTimeout();
  }

  void tick() {
    peer.electionElapsed++;
    if (peer.voteWithheldTicks > 0) {
      peer.voteWithheldTicks--;
    }
    if (peer.electionElapsed >= peer.electionTimeout && peer.promotable()) {
      peer.electionElapsed = 0;
      campaign();
    }
  }

  /** Begins an election unless this peer must not, or must not yet. */
  void campaign() {
    boolean owesLease = withholdsVote() && !peer.isOnlyVoter();
    if (peer.role.kind() == RaftRole.LEADER || owesLease || !mayStand()) {
      return;
    }
    if (peer.config.preVote()) {
      preCampaign();
    } else {
      stand(false);
    }
  }

  /** The leader asks this peer to take over. There is no pre-vote: nothing is partitioned. */
  void onTimeoutNow() {
    if (mayStand()) {
      stand(true);
    }
  }

  /** A peer that has yet to apply a conf change may count votes by the wrong members. */
  private boolean mayStand() {
    return peer.promotable() && !hasUnappliedConfChange();
  }

  private boolean hasUnappliedConfChange() {
    long from = peer.log.applied() + 1;
    while (from <= peer.log.committed()) {
      List<Entry> page = peer.log.unapplied(from, peer.config.maxCommittedSizePerReady());
      for (Entry entry : page) {
        if (entry.getEntryType() != EntryType.EntryNormal) {
          return true;
        }
      }
      from = page.isEmpty() ? Long.MAX_VALUE : page.getLast().getIndex() + 1;
    }
    return false;
  }

  private void preCampaign() {
    Role.PreCandidate preCandidate = new Role.PreCandidate();
    become(preCandidate);
    preCandidate.votes.record(peer.id, true);
    requestVotes(MessageType.MsgRequestPreVote, peer.term() + 1, false);
    countPreVotes(preCandidate);
  }

  private void stand(boolean transfer) {
    peer.enterTerm(peer.term() + 1);
    peer.voteFor(peer.id);
    become(new Role.Candidate());
    requestVotes(MessageType.MsgRequestVote, peer.term(), transfer);
  }

  private void become(Role role) {
    peer.role = role;
    restartElectionTimeout();
  }

  private void restartElectionTimeout() {
    peer.electionElapsed = 0;
    peer.electionTimeout =
        peer.config
            .random()
            .nextInt(peer.config.minElectionTicks(), peer.config.maxElectionTicks());
  }

  private void requestVotes(MessageType type, long term, boolean transfer) {
    for (long voter : peer.configuration.members()) {
      if (voter == peer.id || !peer.configuration.isVoter(voter)) {
        continue;
      }
      Message.Builder request =
          Message.newBuilder()
              .setMsgType(type)
              .setFrom(peer.id)
              .setTo(voter)
              .setTerm(term)
              .setIndex(peer.log.lastIndex())
              .setLogTerm(peer.log.lastTerm())
              .setCommit(peer.log.committed())
              .setPriority(peer.priority)
              .setDeprecatedPriority(Math.max(0, peer.priority));
      if (transfer) {
        request.setContext(TRANSFER);
      }
      if (type == MessageType.MsgRequestVote) {
        peer.outbox.sendAfterWrite(request.build());
      } else {
        peer.outbox.send(request.build());
      }
    }
  }

  /** This peer's vote in {@code term} is durable. */
  void onVoteDurable(long term, long vote) {
    if (peer.role instanceof Role.Candidate candidate && term == peer.term() && vote == peer.id) {
      candidate.votes.record(peer.id, true);
      countVotes(candidate);
    }
  }

  /** Whether a leader that was heard of may count on this peer not to vote. */
  boolean withholdsVote() {
    return peer.config.checkQuorum()
        && (peer.voteWithheldTicks > 0 || peer.role.kind() == RaftRole.LEADER);
  }

  static boolean isForced(Message request) {
    return request.getContext().equals(TRANSFER);
  }

  /** Grants or refuses a vote or pre-vote; the request's term is not below ours. */
  void onVoteRequest(Message request) {
    boolean pre = request.getMsgType() == MessageType.MsgRequestPreVote;
    if (mayVoteFor(request, pre) && preferableTo(request)) {
      Message.Builder grant =
          peer.message(responseType(pre), request.getFrom()).setTerm(request.getTerm());
      if (pre) {
        peer.outbox.send(grant.build());
      } else {
        peer.electionElapsed = 0;
        peer.voteFor(request.getFrom());
        peer.outbox.sendAfterWrite(grant.build());
      }
    } else {
      refuse(request, pre);
    }
  }

  private boolean mayVoteFor(Message request, boolean pre) {
    return peer.vote() == request.getFrom()
        || (peer.vote() == 0 && peer.leaderId() == 0)
        || (pre && request.getTerm() > peer.term());
  }

  private boolean preferableTo(Message request) {
    long theirs =
        request.getPriority() != 0 ? request.getPriority() : request.getDeprecatedPriority();
    return peer.log.isUpToDate(request.getIndex(), request.getLogTerm())
        && (request.getIndex() > peer.log.lastIndex() || peer.priority <= theirs);
  }

  /** A refusal says what is committed, see {@link #learnCommit}. */
  void refuse(Message request, boolean pre) {
    long committed = peer.log.committed();
    peer.outbox.send(
        peer.message(responseType(pre), request.getFrom())
            .setReject(true)
            .setCommit(committed)
            .setLogTerm(Math.max(0, peer.log.termAt(committed)))
            .build());
  }

  /**
   * Takes over the commit index of a peer that refused a vote, if this log holds the same entry
   * there. Without it a group could be stuck: a peer that does not know that a joint phase has
   * ended needs the vote of one that has left and whose log is longer, and neither can lead.
   */
  private void learnCommit(Message response) {
    boolean known =
        response.getCommit() > peer.log.committed()
            && response.getLogTerm() > 0
            && peer.log.matches(response.getCommit(), response.getLogTerm());
    if (!known || peer.role.kind() == RaftRole.LEADER) {
      return;
    }
    peer.log.commitTo(response.getCommit());
    if (peer.role.kind() != RaftRole.FOLLOWER && hasUnappliedConfChange()) {
      becomeFollower(peer.term(), 0);
    }
  }

  private static MessageType responseType(boolean pre) {
    return pre ? MessageType.MsgRequestPreVoteResponse : MessageType.MsgRequestVoteResponse;
  }

  /** An answer to a vote or pre-vote; stale ones are for a role that is over. */
  void onVoteResponse(Message response) {
    boolean pre = response.getMsgType() == MessageType.MsgRequestPreVoteResponse;
    if (pre && peer.role instanceof Role.PreCandidate preCandidate) {
      preCandidate.votes.record(response.getFrom(), !response.getReject());
      countPreVotes(preCandidate);
    } else if (!pre && peer.role instanceof Role.Candidate candidate) {
      candidate.votes.record(response.getFrom(), !response.getReject());
      countVotes(candidate);
    }
    if (response.getReject()) {
      learnCommit(response);
    }
  }

  private void countPreVotes(Role.PreCandidate preCandidate) {
    switch (peer.configuration.voters().vote(preCandidate.votes)) {
      case WON -> stand(false);
      case LOST -> becomeFollower(peer.term(), 0);
      case PENDING -> {}
    }
  }

  private void countVotes(Role.Candidate candidate) {
    VoteTally votes = candidate.votes;
    switch (peer.configuration.voters().vote(votes)) {
      case WON -> becomeLeader();
      case LOST -> becomeFollower(peer.term(), 0);
      case PENDING -> {}
    }
  }

  void becomeFollower(long term, long leaderId) {
    peer.enterTerm(term);
    follow(new Role.Follower(leaderId));
  }

  /** Becomes a follower in the current term. */
  void follow(Role.Follower follower) {
    become(follower);
  }

  private void becomeLeader() {
    if (peer.vote() != peer.id || peer.log.hasPendingSnapshot()) {
      throw new RaftInvariantException("peer " + peer.id + " must not lead term " + peer.term());
    }
    restartElectionTimeout();
    peer.requestedSnapshot = 0;
    peer.voteWithheldTicks = 0;
    replication.lead();
  }

  /** A live leader was heard of: elections wait, and so do votes. */
  void leaderHeard(Role.Follower follower, long leaderId) {
    if (follower.leaderId != 0 && follower.leaderId != leaderId) {
      throw new RaftInvariantException(
          "two leaders in term " + peer.term() + ": " + follower.leaderId + " and " + leaderId);
    }
    follower.leaderId = leaderId;
    peer.electionElapsed = 0;
    peer.voteWithheldTicks = peer.config.electionTicks();
  }
}
