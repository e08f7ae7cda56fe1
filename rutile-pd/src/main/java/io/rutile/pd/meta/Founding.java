package io.rutile.pd.meta;

import io.rutile.proto.pdmetapb.MemberRecord;
import java.util.List;

/**
 * What a member that has nothing on disk begins with.
 *
 * @param members the members as known before the first message; how to reach them
 * @param founder whether they found the group together: each of them then starts from the same
 *     first configuration. Otherwise this one was added to a running group, has no vote, and gets
 *     everything from the leader
 */
public record Founding(List<MemberRecord> members, boolean founder) {
  public Founding {
    members = List.copyOf(members);
  }

  public static Founding of(List<MemberRecord> founders) {
    return new Founding(founders, true);
  }

  public static Founding joining(List<MemberRecord> members) {
    return new Founding(members, false);
  }
}
