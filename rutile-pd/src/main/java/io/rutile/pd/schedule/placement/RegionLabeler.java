package io.rutile.pd.schedule.placement;

import io.rutile.base.clock.Clock;
import io.rutile.pd.meta.MetaKv;
import io.rutile.pd.meta.MetaPaths;
import io.rutile.proto.etcdserverpb.TxnRequest;
import io.rutile.proto.mvccpb.KeyValue;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import tools.jackson.databind.json.JsonMapper;

/**
 * The label rules of the cluster, durable first, one change at a time under a lock, from virtual
 * threads; {@link #current()} is for any thread. Labels with a time to live go when it is over.
 */
public final class RegionLabeler {
  private static final JsonMapper JSON = JsonMapper.shared();

  private final Clock clock;
  private final MetaKv meta;
  private final MetaPaths paths;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile RegionLabels current;

  /** Loads what is stored. */
  public RegionLabeler(Clock clock, MetaKv meta, MetaPaths paths) {
    this.clock = clock;
    this.meta = meta;
    this.paths = paths;
    Map<String, RegionLabelRule> rules = new LinkedHashMap<>();
    for (KeyValue pair : meta.prefix(paths.regionLabelPrefix())) {
      RegionLabelRule rule = RuleJson.label(PlacementRules.parse(pair), clock.wallMillis());
      rules.put(rule.id(), rule);
    }
    this.current = new RegionLabels(rules.values());
    expire();
  }

  /** The rules in force. Any thread. */
  public RegionLabels current() {
    return current;
  }

  /** Reads a rule from its JSON; labels with a time to live start now unless they say otherwise. */
  public RegionLabelRule parse(Map<String, ?> json) {
    return RuleJson.label(json, clock.wallMillis());
  }

  /** Puts some rules and removes others, all or nothing. */
  public void change(Collection<RegionLabelRule> put, Collection<String> delete) {
    lock.lock();
    try {
      Map<String, RegionLabelRule> rules = new LinkedHashMap<>();
      current.rules().forEach(rule -> rules.put(rule.id(), rule));
      TxnRequest.Builder writes = TxnRequest.newBuilder();
      for (String id : delete) {
        if (rules.remove(id) != null) {
          writes.addSuccess(MetaKv.deleteOp(paths.regionLabelPrefix() + id));
        }
      }
      for (RegionLabelRule rule : put) {
        rules.put(rule.id(), rule);
        writes.addSuccess(
            MetaKv.putOp(
                paths.regionLabelPrefix() + rule.id(),
                JSON.writeValueAsBytes(RuleJson.label(rule))));
      }
      if (writes.getSuccessCount() > 0) {
        meta.commit(writes.build());
      }
      current = new RegionLabels(rules.values());
    } finally {
      lock.unlock();
    }
  }

  /** Removes labels whose time is over. Called every now and then. */
  public void expire() {
    lock.lock();
    try {
      long now = clock.wallMillis();
      for (RegionLabelRule rule : List.copyOf(current.rules())) {
        List<RegionLabelRule.Label> left =
            rule.labels().stream().filter(label -> label.expiresMillis() > now).toList();
        if (left.isEmpty()) {
          change(List.of(), List.of(rule.id()));
        } else if (left.size() < rule.labels().size()) {
          change(
              List.of(new RegionLabelRule(rule.id(), rule.index(), left, rule.ranges())),
              List.of());
        }
      }
    } finally {
      lock.unlock();
    }
  }
}
