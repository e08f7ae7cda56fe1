package io.rutile.pd.member;

import io.rutile.pd.cluster.ReleaseVersion;
import io.rutile.pd.meta.MetaStore;
import io.rutile.proto.pdmetapb.MemberRecord;
import io.rutile.proto.pdpb.Member;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The members as clients are told of them. Any member answers; any thread may ask. */
public final class MemberDirectory {
  private final MetaStore store;
  private final long selfId;
  private final String deployPath;

  public MemberDirectory(MetaStore store, long selfId, String deployPath) {
    this.store = store;
    this.selfId = selfId;
    this.deployPath = deployPath;
  }

  public long selfId() {
    return selfId;
  }

  public List<Member> members() {
    List<Member> members = new ArrayList<>();
    for (MemberRecord record : store.members()) {
      members.add(describe(record));
    }
    return members;
  }

  private Member describe(MemberRecord record) {
    Member.Builder member =
        Member.newBuilder()
            .setName(record.getName())
            .setMemberId(record.getId())
            .addAllPeerUrls(record.getPeerUrlsList())
            .addAllClientUrls(record.getClientUrlsList())
            .setBinaryVersion("v" + ReleaseVersion.CURRENT)
            .setGitHash("rutile");
    if (record.getId() == selfId) {
      member.setDeployPath(deployPath);
    }
    return member.build();
  }

  /** The member that leads, null while none is known. */
  public @Nullable Member leader() {
    long leaderId = store.leadership().leaderId();
    for (MemberRecord record : store.members()) {
      if (record.getId() == leaderId && record.getClientUrlsCount() > 0) {
        return describe(record);
      }
    }
    return null;
  }
}
