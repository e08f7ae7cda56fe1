package io.rutile.pd.meta;

import io.rutile.base.clock.Clock;
import io.rutile.proto.eraftpb.ConfState;
import io.rutile.proto.pdmetapb.MemberRecord;
import io.rutile.proto.pdmetapb.MetaCommand;
import io.rutile.proto.pdmetapb.MetaSnapshot;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Everything that follows from the log: keys, leases, members, and who claimed to lead last.
 *
 * <p>Owned by: the store's thread; keys, leases and the member list are readable by any thread.
 */
final class MetaMachine {
  private final MvccState state;
  private final WatchRegistry watches = new WatchRegistry();
  private final TreeMap<Long, MemberRecord> members = new TreeMap<>();
  private volatile List<MemberRecord> publishedMembers = List.of();
  private long appliedIndex;
  private long appliedTerm;
  private long leaderTerm;
  private long leaderId;

  MetaMachine(Clock clock, MetaSnapshot base) {
    this.state = new MvccState(clock);
    restore(base);
  }

  MvccState state() {
    return state;
  }

  WatchRegistry watches() {
    return watches;
  }

  List<MemberRecord> members() {
    return publishedMembers;
  }

  @Nullable MemberRecord member(long id) {
    return members.get(id);
  }

  long appliedIndex() {
    return appliedIndex;
  }

  void applied(long index, long term) {
    appliedIndex = index;
    appliedTerm = term;
  }

  /** Term and member of the last claim. */
  boolean isClaimedBy(long member, long term) {
    return leaderId == member && leaderTerm == term;
  }

  /**
   * Applies one command.
   *
   * @return the answer for whoever proposed it
   * @throws MetaStoreException when the command is refused; the state is then unchanged
   */
  @Nullable Object apply(MetaCommand command) {
    return switch (command.getCommandCase()) {
      case TXN -> state.txn(command.getTxn(), watches::publish);
      case LEASE_GRANT -> state.grant(command.getLeaseGrant());
      case LEASE_REVOKE -> {
        state.revoke(command.getLeaseRevoke().getID(), watches::publish);
        yield null;
      }
      case COMPACTION -> {
        state.compact(command.getCompaction().getRevision());
        yield null;
      }
      case MEMBER -> {
        updateMember(command.getMember());
        yield null;
      }
      case LEADER_CLAIM -> {
        leaderTerm = command.getLeaderClaim().getTerm();
        leaderId = command.getProposer();
        yield null;
      }
      case COMMAND_NOT_SET -> null;
    };
  }

  /** Only a change of the configuration adds members: one that was removed stays away. */
  private void updateMember(MemberRecord record) {
    if (!members.containsKey(record.getId())) {
      throw memberNotFound();
    }
    putMember(record);
  }

  static MetaStoreException memberNotFound() {
    return new MetaStoreException(MetaStoreException.Kind.MEMBER, "etcdserver: member not found");
  }

  /** Part of a change of the configuration. */
  void changeMember(MemberRecord record) {
    if (record.getRemoved()) {
      members.remove(record.getId());
      publishedMembers = List.copyOf(members.values());
    } else {
      putMember(record);
    }
  }

  private void putMember(MemberRecord record) {
    MemberRecord known = members.get(record.getId());
    MemberRecord.Builder merged = record.toBuilder();
    if (known != null && record.getPeerUrlsCount() == 0) {
      merged.addAllPeerUrls(known.getPeerUrlsList());
    }
    members.put(record.getId(), merged.build());
    publishedMembers = List.copyOf(members.values());
  }

  MetaSnapshot snapshot(ConfState confState) {
    MetaSnapshot.Builder snapshot =
        MetaSnapshot.newBuilder()
            .setAppliedIndex(appliedIndex)
            .setAppliedTerm(appliedTerm)
            .setLeaderTerm(leaderTerm)
            .setLeaderId(leaderId)
            .setConfState(confState)
            .addAllMembers(members.values());
    state.save(snapshot);
    return snapshot.build();
  }

  /** Replaces everything by a snapshot; watches get what they had not seen. */
  void restore(MetaSnapshot snapshot) {
    long seen = state.revision();
    state.restore(snapshot);
    members.clear();
    for (MemberRecord member : snapshot.getMembersList()) {
      members.put(member.getId(), member);
    }
    publishedMembers = List.copyOf(members.values());
    appliedIndex = snapshot.getAppliedIndex();
    appliedTerm = snapshot.getAppliedTerm();
    leaderTerm = snapshot.getLeaderTerm();
    leaderId = snapshot.getLeaderId();
    watches.catchUp(seen, state);
  }
}
