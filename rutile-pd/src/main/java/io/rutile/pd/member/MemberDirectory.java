package io.rutile.pd.member;

import io.rutile.pd.cluster.ReleaseVersion;
import io.rutile.pd.meta.MetaKv;
import io.rutile.proto.pdmetapb.MemberRecord;
import io.rutile.proto.pdpb.Member;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The members as clients are told of them. Any member answers; any thread may ask. */
public final class MemberDirectory {
  private final MetaKv meta;
  private final String selfName;
  private final long selfId;
  private final LongSupplier clusterId;

  /**
   * @param clusterId 0 while none is known here
   */
  public MemberDirectory(MetaKv meta, String selfName, long selfId, LongSupplier clusterId) {
    this.meta = meta;
    this.selfName = selfName;
    this.selfId = selfId;
    this.clusterId = clusterId;
  }

  public String selfName() {
    return selfName;
  }

  public long selfId() {
    return selfId;
  }

  public List<Member> members() {
    List<Member> members = new ArrayList<>();
    for (MemberRecord record : meta.store().members()) {
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
            .setGitHash("rutile")
            .setDeployPath(record.getDeployPath())
            .setLeaderPriority(LeaderPriorities.of(meta, clusterId.getAsLong(), record.getId()));
    return member.build();
  }

  /** The member that leads, null while none is known. */
  public @Nullable Member leader() {
    long leaderId = meta.store().leadership().leaderId();
    for (MemberRecord record : meta.store().members()) {
      if (record.getId() == leaderId && record.getClientUrlsCount() > 0) {
        return describe(record);
      }
    }
    return null;
  }
}
