package io.rutile.pd.schedule;

import io.rutile.pd.core.ClusterImage;
import io.rutile.pd.core.RegionInfo;
import io.rutile.pd.core.StoreInfo;
import io.rutile.pd.schedule.checker.RegionMerge;
import io.rutile.pd.schedule.operator.Operator;
import io.rutile.pd.schedule.operator.OperatorBuilder;
import io.rutile.pd.schedule.operator.OperatorKind;
import io.rutile.pd.schedule.operator.OperatorStep;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.pdpb.CheckPolicy;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What an administrator asks for by hand. It replaces whatever is under way for the region, and no
 * limit holds it back; rules and checkers may undo it later. Stateless; called on the cluster loop.
 */
public final class AdminOperators {
  private AdminOperators() {}

  /** One wish. */
  public sealed interface Order {}

  public record TransferLeader(long regionId, long toStore) implements Order {}

  /** The region's voters shall be on exactly these stores. */
  public record TransferRegion(long regionId, List<Long> toStores) implements Order {}

  public record TransferPeer(long regionId, long fromStore, long toStore) implements Order {}

  public record AddPeer(long regionId, long store, boolean learner) implements Order {}

  public record RemovePeer(long regionId, long store) implements Order {}

  public record Merge(long sourceRegionId, long targetRegionId) implements Order {}

  /**
   * @param policy {@code scan}, {@code approximate} or {@code usekey}
   */
  public record Split(long regionId, String policy, List<byte[]> keys) implements Order {}

  public record Scatter(long regionId, String group) implements Order {}

  /** Why the wish cannot be fulfilled; an expected outcome, not a failure of the program. */
  private static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1;

    private Refusal(String message) {
      super(message, null, false, false);
    }
  }

  /** Starts it; why not, or null when it runs. */
  public static @Nullable String start(
      SchedulingCoordinator coordinator, ClusterImage image, Order order) {
    try {
      Planning planning = coordinator.planning(image);
      return switch (order) {
        case Scatter scatter -> coordinator.scatter(image, scatter.regionId(), scatter.group());
        case Merge merge -> start(coordinator, image, merge(planning, merge));
        case Split split -> start(coordinator, image, List.of(split(planning, split)));
        case TransferLeader wish -> {
          RegionInfo region = region(planning, wish.regionId());
          peerOn(region, wish.toStore());
          yield build(
              coordinator, image, plan(planning, region, "transfer-leader").leader(wish.toStore()));
        }
        case TransferRegion wish -> build(coordinator, image, transfer(planning, wish));
        case TransferPeer wish -> build(coordinator, image, transfer(planning, wish));
        case AddPeer wish -> {
          RegionInfo region = region(planning, wish.regionId());
          checkFree(planning, region, wish.store());
          OperatorBuilder builder =
              plan(planning, region, wish.learner() ? "add-learner" : "add-peer");
          yield build(
              coordinator,
              image,
              wish.learner() ? builder.addLearner(wish.store()) : builder.addVoter(wish.store()));
        }
        case RemovePeer wish -> {
          RegionInfo region = region(planning, wish.regionId());
          peerOn(region, wish.store());
          yield build(
              coordinator, image, plan(planning, region, "remove-peer").remove(wish.store()));
        }
      };
    } catch (Refusal refusal) {
      return refusal.getMessage();
    }
  }

  private static OperatorBuilder plan(Planning planning, RegionInfo region, String what) {
    return planning.plan("admin-" + what, OperatorKind.ADMIN, region);
  }

  private static @Nullable String build(
      SchedulingCoordinator coordinator, ClusterImage image, OperatorBuilder builder) {
    Operator operator = builder.build();
    return operator == null
        ? "nothing to do, or no voter that could lead would be left"
        : start(coordinator, image, List.of(operator));
  }

  private static @Nullable String start(
      SchedulingCoordinator coordinator, ClusterImage image, List<Operator> operators) {
    return coordinator.operators().add(image, operators);
  }

  private static RegionInfo region(Planning planning, long id) {
    RegionInfo region = planning.image().regions().region(id);
    if (region == null) {
      throw new Refusal("region " + id + " not found");
    }
    return region;
  }

  private static Peer peerOn(RegionInfo region, long store) {
    Peer peer = region.peerOnStore(store);
    if (peer == null) {
      throw new Refusal("region %d has no peer in store %d".formatted(region.id(), store));
    }
    return peer;
  }

  private static void checkStore(Planning planning, long id) {
    StoreInfo store = planning.image().store(id);
    if (store == null) {
      throw new Refusal("store " + id + " not found");
    }
    if (!store.isUp()) {
      throw new Refusal("store " + id + " is not up");
    }
  }

  private static void checkFree(Planning planning, RegionInfo region, long store) {
    checkStore(planning, store);
    if (region.peerOnStore(store) != null) {
      throw new Refusal("region %d has a peer in store %d already".formatted(region.id(), store));
    }
  }

  private static OperatorBuilder transfer(Planning planning, TransferRegion wish) {
    RegionInfo region = region(planning, wish.regionId());
    if (wish.toStores().isEmpty()) {
      throw new Refusal("to_store_ids is empty");
    }
    OperatorBuilder builder = plan(planning, region, "move-region");
    for (long store : wish.toStores()) {
      checkStore(planning, store);
      builder.addVoter(store);
    }
    for (Peer peer : region.peers()) {
      if (!wish.toStores().contains(peer.getStoreId())) {
        builder.remove(peer.getStoreId());
      }
    }
    return builder;
  }

  private static OperatorBuilder transfer(Planning planning, TransferPeer wish) {
    RegionInfo region = region(planning, wish.regionId());
    Peer peer = peerOn(region, wish.fromStore());
    checkFree(planning, region, wish.toStore());
    OperatorBuilder builder = plan(planning, region, "move-peer").remove(wish.fromStore());
    return RegionInfo.isLearner(peer)
        ? builder.addLearner(wish.toStore())
        : builder.addVoter(wish.toStore());
  }

  private static List<Operator> merge(Planning planning, Merge wish) {
    RegionInfo source = region(planning, wish.sourceRegionId());
    RegionInfo target = region(planning, wish.targetRegionId());
    boolean adjacent =
        target.equals(planning.image().regions().tree().after(source))
            || target.equals(planning.image().regions().tree().before(source));
    if (!adjacent) {
      throw new Refusal("regions %d and %d are not adjacent".formatted(source.id(), target.id()));
    }
    if (!source.isHealthy() || !target.isHealthy()) {
      throw new Refusal("a region with peers that are down or pending is not merged");
    }
    Proposal proposal =
        RegionMerge.merge(planning, "admin-merge-region", OperatorKind.ADMIN, source, target);
    if (proposal.isEmpty()) {
      throw new Refusal(proposal.reason());
    }
    return proposal.groups().getFirst();
  }

  private static Operator split(Planning planning, Split wish) {
    RegionInfo region = region(planning, wish.regionId());
    CheckPolicy policy =
        switch (wish.policy().toLowerCase(Locale.ROOT)) {
          case "scan" -> CheckPolicy.SCAN;
          case "approximate" -> CheckPolicy.APPROXIMATE;
          case "usekey" -> CheckPolicy.USEKEY;
          default -> throw new Refusal("check policy " + wish.policy() + " is not supported");
        };
    if (policy == CheckPolicy.USEKEY && wish.keys().isEmpty()) {
      throw new Refusal("split keys are missing");
    }
    for (byte[] key : wish.keys()) {
      if (!region.contains(key)) {
        throw new Refusal("a split key is not in region " + region.id());
      }
    }
    OperatorStep step =
        new OperatorStep.SplitInto(region.startKey(), region.endKey(), policy, wish.keys());
    return new Operator("admin-split-region", OperatorKind.ADMIN, region, List.of(step));
  }
}
