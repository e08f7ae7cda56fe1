package io.rutile.pd.meta;

import io.rutile.proto.eraftpb.Message;
import io.rutile.proto.pdmetapb.MemberRecord;
import io.rutile.proto.pdmetapb.MetaCommand;
import java.util.concurrent.CompletableFuture;

/** What other threads ask of the store's thread. */
sealed interface MetaTask {
  /** A member's message; may be lost. */
  record Step(Message message) implements MetaTask {}

  record Unreachable(long memberId) implements MetaTask {}

  record SnapshotSent(long memberId, boolean delivered) implements MetaTask {}

  /**
   * A write; {@code done} is completed in every case. With a term other than 0 it is refused unless
   * this member leads in that term.
   */
  record Propose(MetaCommand.Builder command, long term, CompletableFuture<Object> done)
      implements MetaTask {}

  /** A change of members; {@code done} is completed in every case. */
  record ChangeMember(MemberRecord record, CompletableFuture<Object> done) implements MetaTask {}

  /** A linearizable read waits here. */
  record Barrier(CompletableFuture<Void> done) implements MetaTask {}

  record KeepAlive(long leaseId, CompletableFuture<Long> done) implements MetaTask {}

  record Delivered(CompletableFuture<Long> done) implements MetaTask {}

  record AddWatch(WatchSpec spec, WatchListener listener) implements MetaTask {}

  record RemoveWatch(WatchListener listener) implements MetaTask {}

  record AddLeadershipListener(LeadershipListener listener) implements MetaTask {}

  /** Hands leadership to a member; 0 for the one that is best prepared. */
  record Transfer(long memberId) implements MetaTask {}

  /** Wakes the thread. */
  record Wake() implements MetaTask {}
}
