package io.rutile.pd.schedule.schedulers;

import io.rutile.pd.core.LongTree;
import io.rutile.pd.core.RegionInfo;
import io.rutile.pd.core.StoreInfo;
import io.rutile.pd.schedule.Planning;
import io.rutile.pd.schedule.Proposal;
import io.rutile.pd.schedule.filter.Safeguard;
import io.rutile.pd.schedule.filter.StoreFilters;
import io.rutile.pd.schedule.operator.Operator;
import io.rutile.pd.schedule.operator.OperatorKind;
import java.util.Map;
import java.util.Set;

/** Makes named stores lead all regions of which they have a voter, and keeps the leaders there. */
public final class GrantLeaderScheduler implements Scheduler {
  static final String NAME = "grant-leader-scheduler";

  private static final int TRIES = 10;

  private final Set<Long> stores;

  GrantLeaderScheduler(Set<Long> stores) {
    this.stores = Set.copyOf(stores);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Map<String, Object> settings() {
    return StoreSet.toJson(stores);
  }

  @Override
  public boolean keeps(StoreInfo store) {
    return stores.contains(store.id());
  }

  @Override
  public Proposal propose(Planning planning) {
    if (!planning.operators().isAllowed(OperatorKind.LEADER, planning.schedule())) {
      return Proposal.nothing("leader-schedule-limit is reached");
    }
    for (long id : stores) {
      StoreInfo store = planning.image().store(id);
      if (store == null || StoreFilters.leaderTarget(planning, store) != null) {
        continue;
      }
      LongTree<Boolean> followers = planning.image().regions().onStore(id).followers();
      for (int i = 0; i < Math.min(TRIES, followers.size()); i++) {
        long regionId = followers.keyAt(planning.random().nextInt(followers.size()));
        RegionInfo region = planning.image().regions().region(regionId);
        if (region != null
            && region.isHealthy()
            && !stores.contains(region.leaderStoreId())
            && planning.operators().operator(regionId) == null
            && Safeguard.of(planning, region).admitsLeader(id)) {
          Operator operator =
              planning.plan("grant-leader", OperatorKind.LEADER, region).leader(id).build();
          if (operator != null) {
            return Proposal.of(operator);
          }
        }
      }
    }
    return Proposal.nothing("the stores lead whatever they can");
  }
}
