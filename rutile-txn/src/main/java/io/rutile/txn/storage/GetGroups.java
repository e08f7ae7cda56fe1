package io.rutile.txn.storage;

import io.rutile.proto.kvrpcpb.CommandPri;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.txn.read.Read;
import io.rutile.txn.read.ReadExecutor;
import io.rutile.txn.read.ReadExecutor.Outcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Runs point gets that arrived together: those of one region that ask in the same way become one
 * task with one snapshot. A read that may have to wait for its snapshot (another replica's, a stale
 * one) runs alone, so that it holds up no other.
 */
final class GetGroups {
  private record Route(
      long regionId,
      long version,
      long confVer,
      long peerId,
      long storeId,
      long term,
      CommandPri priority,
      long maxDurationMillis,
      int busyThresholdMillis) {
    static Route of(Context context) {
      return new Route(
          context.getRegionId(),
          context.getRegionEpoch().getVersion(),
          context.getRegionEpoch().getConfVer(),
          context.getPeer().getId(),
          context.getPeer().getStoreId(),
          context.getTerm(),
          context.getPriority(),
          context.getMaxExecutionDurationMs(),
          context.getBusyThresholdMs());
    }
  }

  private record Group<R>(List<Integer> indexes, List<Read<R>> reads) {
    static <R> Group<R> empty() {
      return new Group<>(new ArrayList<>(), new ArrayList<>());
    }

    void add(int index, Read<R> read) {
      indexes.add(index);
      reads.add(read);
    }
  }

  private GetGroups() {}

  /**
   * @param broken the response to a read that failed because the store is broken
   */
  static <R> void run(
      ReadExecutor executor,
      List<Read<R>> reads,
      BatchSink<R> sink,
      Function<Throwable, R> broken) {
    for (Group<R> group : groups(reads)) {
      executor.executeAll(
          group.reads(),
          (position, outcome) ->
              sink.accept(
                  group.indexes().get(position),
                  switch (outcome) {
                    case Outcome.Answer<R>(R response) -> response;
                    case Outcome.Broken<R>(Throwable cause) -> broken.apply(cause);
                  }));
    }
  }

  private static <R> List<Group<R>> groups(List<Read<R>> reads) {
    List<Group<R>> groups = new ArrayList<>();
    Map<Route, Group<R>> byRoute = new LinkedHashMap<>();
    for (int i = 0; i < reads.size(); i++) {
      Context context = reads.get(i).context();
      Group<R> group;
      if (context.getReplicaRead() || context.getStaleRead()) {
        group = Group.empty();
        groups.add(group);
      } else {
        group = byRoute.computeIfAbsent(Route.of(context), route -> Group.empty());
      }
      group.add(i, reads.get(i));
    }
    groups.addAll(byRoute.values());
    return groups;
  }
}
