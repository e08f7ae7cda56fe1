package io.rutile.pd.member;

import io.rutile.pd.meta.MetaStoreException;
import io.rutile.proto.pdmetapb.MemberRecord;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
   * Parses parts of the form {@code name=url}; a name given several times has several URLs.
   *
   * @throws MetaStoreException when a part has no name or no URL
   */
  public static List<MemberRecord> parse(List<String> initialCluster) {
    Map<String, List<String>> urlsByName = new LinkedHashMap<>();
    for (String part : initialCluster) {
      int equals = part.indexOf('=');
      if (equals <= 0 || equals == part.length() - 1) {
        throw new MetaStoreException(
            MetaStoreException.Kind.INVALID,
            "initial-cluster: \"" + part + "\" must be name=http://host:port");
      }
      urlsByName
          .computeIfAbsent(part.substring(0, equals), name -> new ArrayList<>())
          .add(part.substring(equals + 1));
    }
    List<MemberRecord> members = new ArrayList<>();
    urlsByName.forEach((name, urls) ->
        members.add(
            MemberRecord.newBuilder()
                .setId(founding(urls))
                .setName(name)
                .addAllPeerUrls(urls)
                .build()));
    return members;
  }
}
