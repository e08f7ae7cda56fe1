package io.rutile.pd.member;

import io.rutile.pd.meta.Founding;
import io.rutile.pd.meta.MessageFile;
import io.rutile.pd.meta.MetaStoreException;
import io.rutile.proto.pdmetapb.MemberIdentity;
import io.rutile.proto.pdmetapb.MemberRecord;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/**
 * Who this member is and what it begins with: as founder by the initial cluster, as one that joins
 * by the cluster's answer, after a restart by the identity written then, whatever the flags say.
 *
 * @param groupId tells this group's frames from those of another
 * @param memberId id of this member in the group
 * @param founding what the store begins with if it has nothing yet
 */
public record MemberSetup(long groupId, long memberId, Founding founding) {

  /** Finds out, and writes the identity down when it is new. Blocks while it joins. */
  public static MemberSetup establish(
      Path directory,
      String name,
      String peerUrl,
      List<String> initialCluster,
      boolean joins,
      Supplier<MemberIdentity> join) {
    MessageFile<MemberIdentity> file =
        new MessageFile<>(
            directory.resolve("identity"), MessageFile.IDENTITY, MemberIdentity.parser());
    List<MemberRecord> founders = founders(name, peerUrl, initialCluster);
    MemberIdentity known = file.load();
    if (known == null) {
      known = joins ? join.get() : founder(name, founders);
      file.save(known);
    }
    Founding founding =
        known.getContactsCount() > 0
            ? Founding.joining(known.getContactsList())
            : Founding.of(founders);
    return new MemberSetup(known.getGroupId(), known.getMemberId(), founding);
  }

  /** A lone founder's id comes from its name, since its port may change with each start. */
  private static List<MemberRecord> founders(
      String name, String peerUrl, List<String> initialCluster) {
    if (initialCluster.size() > 1) {
      return MemberIds.parse(initialCluster);
    }
    return List.of(
        MemberRecord.newBuilder()
            .setId(MemberIds.founding(List.of(name)))
            .setName(name)
            .addPeerUrls(peerUrl)
            .build());
  }

  private static MemberIdentity founder(String name, List<MemberRecord> founders) {
    for (MemberRecord founder : founders) {
      if (founder.getName().equals(name)) {
        return MemberIdentity.newBuilder()
            .setGroupId(MemberIds.group(founders))
            .setMemberId(founder.getId())
            .build();
      }
    }
    throw new MetaStoreException(
        MetaStoreException.Kind.MEMBER,
        "couldn't find local name \"" + name + "\" in the initial cluster configuration");
  }
}
