package io.rutile.pd.member;

import io.rutile.proto.pdmetapb.MemberRecord;
import java.util.concurrent.CompletionStage;

/** How a member that does not lead gets a word to the one that does. */
@FunctionalInterface
public interface LeaderLine {
  /** Asks the leader to store what the member says of itself; fails when it does not lead. */
  CompletionStage<Void> publish(long leaderId, MemberRecord member);
}
