package io.rutile.pd.member;

import io.rutile.pd.meta.MetaKv;
import io.rutile.pd.meta.MetaPaths;
import io.rutile.pd.meta.MetaStore;
import io.rutile.proto.pdmetapb.MemberRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which members an operator would rather have as leader: an integer for each, 0 if none is set, the
 * greatest wins. Kept as decimal text beside PD's other member data. Stateless.
 */
public final class LeaderPriorities {
  private static final Logger LOG = LoggerFactory.getLogger(LeaderPriorities.class);

  private LeaderPriorities() {}

  public static int of(MetaKv meta, long clusterId, long memberId) {
    String stored = clusterId == 0 ? null : meta.text(path(clusterId, memberId));
    return stored == null ? 0 : Integer.parseInt(stored);
  }

  public static void set(MetaKv meta, long clusterId, long memberId, int priority) {
    meta.put(path(clusterId, memberId), Integer.toString(priority));
  }

  private static String path(long clusterId, long memberId) {
    return new MetaPaths(clusterId).memberPriority(memberId);
  }

  /** Hands over when another voter is preferred to this leader. */
  static void check(MetaKv meta, long clusterId) {
    MetaStore store = meta.store();
    long leader = store.leadership().leaderId();
    long best = leader;
    int highest = of(meta, clusterId, leader);
    for (MemberRecord member : store.members()) {
      int priority = of(meta, clusterId, member.getId());
      if (priority > highest && store.isVoter(member.getId())) {
        best = member.getId();
        highest = priority;
      }
    }
    if (best != leader) {
      LOG.info("PD member {} has the leader priority {}: it should lead", best, highest);
      store.transferLeadership(best);
    }
  }
}
