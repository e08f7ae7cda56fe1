package io.rutile.pd.member;

import io.rutile.proto.pdmetapb.MemberRecord;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;

/** Identities of members and of their group. Stateless. */
public final class MemberIds {
  private MemberIds() {}

  /** The id of a founding member, the same on every member: a hash of its peer URLs. */
  public static long founding(List<String> peerUrls) {
    return hash(String.join(",", peerUrls.stream().sorted().toList()));
  }

  /** The id of a member that joins later: its URLs may have been in use before. */
  public static long joining(List<String> peerUrls, long nowMillis) {
    return hash(String.join(",", peerUrls.stream().sorted().toList()) + "@" + nowMillis);
  }

  /** Hash of the founders, which tells messages of one group from those of another. */
  public static long group(List<MemberRecord> founders) {
    List<String> ids = new ArrayList<>();
    founders.forEach(member -> ids.add(Long.toUnsignedString(member.getId())));
    ids.sort(null);
    return hash(String.join(",", ids));
  }

  private static long hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      long id = ByteBuffer.wrap(digest).getLong();
      return id == 0 ? 1 : id;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Parses {@code name=url,name=url}; a name given several times has several URLs.
   *
   * @throws IllegalArgumentException when a part has no name or no URL
   */
  public static List<MemberRecord> parse(List<String> initialCluster) {
    List<MemberRecord> members = new ArrayList<>();
    for (String part : initialCluster) {
      int equals = part.indexOf('=');
      if (equals <= 0 || equals == part.length() - 1) {
        throw new IllegalArgumentException(
            "initial-cluster: \"" + part + "\" must be name=http://host:port");
      }
      List<String> urls = List.of(part.substring(equals + 1));
      members.add(
          MemberRecord.newBuilder()
              .setId(founding(urls))
              .setName(part.substring(0, equals))
              .addAllPeerUrls(urls)
              .build());
    }
    return members;
  }
}
