package io.rutile.pd.keyspace;

import io.rutile.base.codec.MemComparable;
import io.rutile.pd.schedule.placement.RegionLabelRule;
import io.rutile.pd.schedule.placement.RegionLabelRule.KeyRange;
import io.rutile.pd.schedule.placement.RegionLabelRule.Label;
import java.util.List;

/**
 * The key ranges of a keyspace, as a label rule: its boundaries then are boundaries of regions, for
 * good. Keys of a keyspace begin with {@code r} (raw) or {@code x} (transactional) and the id in
 * three bytes. Stateless.
 */
public final class KeyspaceBoundaries {
  private static final String ID_PREFIX = "keyspaces/";

  private KeyspaceBoundaries() {}

  public static String ruleId(int keyspaceId) {
    return ID_PREFIX + keyspaceId;
  }

  public static RegionLabelRule rule(int keyspaceId) {
    return new RegionLabelRule(
        ruleId(keyspaceId),
        0,
        List.of(Label.of("id", String.valueOf(keyspaceId))),
        List.of(range('r', keyspaceId), range('x', keyspaceId)));
  }

  private static KeyRange range(char mode, int id) {
    return new KeyRange(bound(mode, id), bound(mode, id + 1));
  }

  /** The highest id is reserved, so that the one after always fits. */
  private static byte[] bound(char mode, int id) {
    return MemComparable.encode(
        new byte[] {(byte) mode, (byte) (id >>> 16), (byte) (id >>> 8), (byte) id});
  }
}
