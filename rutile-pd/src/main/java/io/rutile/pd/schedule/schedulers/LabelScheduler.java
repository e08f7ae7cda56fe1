package io.rutile.pd.schedule.schedulers;

import io.rutile.pd.core.StoreInfo;
import io.rutile.pd.schedule.Planning;
import io.rutile.pd.schedule.Proposal;
import io.rutile.proto.metapb.StoreLabel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Moves leaders away from stores with certain labels: PD's label property reject-leader. */
public final class LabelScheduler implements Scheduler {
  public static final String NAME = "label-scheduler";

  /** The property, and the field of the settings that has its labels. */
  public static final String REJECT_LEADER = "reject-leader";

  private final List<StoreLabel> rejected;

  LabelScheduler(List<StoreLabel> rejected) {
    this.rejected = List.copyOf(rejected);
  }

  static List<StoreLabel> parse(Map<String, ?> settings) {
    List<StoreLabel> labels = new ArrayList<>();
    if (settings.get(REJECT_LEADER) instanceof List<?> pairs) {
      for (Object pair : pairs) {
        if (pair instanceof Map<?, ?> label) {
          labels.add(
              StoreLabel.newBuilder()
                  .setKey(String.valueOf(label.get("key")))
                  .setValue(String.valueOf(label.get("value")))
                  .build());
        }
      }
    }
    return labels;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Map<String, Object> settings() {
    List<Map<String, String>> pairs = new ArrayList<>();
    rejected.forEach(label -> pairs.add(Map.of("key", label.getKey(), "value", label.getValue())));
    return Map.of(REJECT_LEADER, pairs);
  }

  @Override
  public boolean shuns(StoreInfo store) {
    for (StoreLabel label : rejected) {
      if (store.label(label.getKey()).equals(label.getValue())) {
        return true;
      }
    }
    return false;
  }

  @Override
  public Proposal propose(Planning planning) {
    return LeaderEviction.propose(planning, "label-reject-leader", this::shuns);
  }
}
