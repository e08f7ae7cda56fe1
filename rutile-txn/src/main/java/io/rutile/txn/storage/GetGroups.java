package io.rutile.txn.storage;

import io.rutile.proto.kvrpcpb.CommandPri;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.txn.read.Read;
import io.rutile.txn.read.ReadExecutor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
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
  private static final int INITIAL_READS = 32;

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

  private GetGroups() {}

  /**
   * Runs the reads and answers them a group at a time.
   *
   * @param indexes under which position the sink is told of each read
   * @param broken the response to a read that failed because the store is broken
   */
  static <R> void run(
      ReadExecutor executor,
      List<Read<R>> reads,
      int[] indexes,
      BatchSink<R> sink,
      Function<Throwable, R> broken) {
    for (Group<R> group : groups(reads, indexes, sink, broken)) {
      executor.executeAll(group.reads, group);
    }
  }

  private static <R> Collection<Group<R>> groups(
      List<Read<R>> reads, int[] indexes, BatchSink<R> sink, Function<Throwable, R> broken) {
    List<Group<R>> alone = new ArrayList<>();
    Map<Route, Group<R>> byRoute = new LinkedHashMap<>();
    Group<R> last = null;
    for (int i = 0; i < reads.size(); i++) {
      Context context = reads.get(i).context();
      if (context.getReplicaRead() || context.getStaleRead()) {
        Group<R> group = new Group<>(context, sink, broken);
        group.add(indexes[i], reads.get(i));
        alone.add(group);
        continue;
      }
      // Most frames are for one region, often with the same context in each request.
      if (last == null || !last.context.equals(context)) {
        last =
            byRoute.computeIfAbsent(Route.of(context), route -> new Group<>(context, sink, broken));
      }
      last.add(indexes[i], reads.get(i));
    }
    alone.addAll(byRoute.values());
    return alone;
  }

  /**
   * Reads of one task and the responses that are not handed on yet. Used by the thread that hands
   * the reads over, then by whichever thread runs the task.
   */
  private static final class Group<R> implements ReadExecutor.Sink<R> {
    private final Context context;
    private final BatchSink<R> sink;
    private final Function<Throwable, R> broken;
    private final List<Read<R>> reads = new ArrayList<>();
    private int[] indexes = new int[INITIAL_READS];
    private List<R> responses = new ArrayList<>();
    private int[] answered = new int[INITIAL_READS];

    Group(Context context, BatchSink<R> sink, Function<Throwable, R> broken) {
      this.context = context;
      this.sink = sink;
      this.broken = broken;
    }

    void add(int index, Read<R> read) {
      if (reads.size() == indexes.length) {
        indexes = Arrays.copyOf(indexes, 2 * indexes.length);
      }
      indexes[reads.size()] = index;
      reads.add(read);
    }

    @Override
    public void answered(int position, R response) {
      if (responses.size() == answered.length) {
        answered = Arrays.copyOf(answered, 2 * answered.length);
      }
      answered[responses.size()] = indexes[position];
      responses.add(response);
    }

    @Override
    public void broken(int position, Throwable cause) {
      answered(position, broken.apply(cause));
    }

    @Override
    public void settled() {
      if (responses.isEmpty()) {
        return;
      }
      List<R> done = responses;
      responses = new ArrayList<>();
      sink.accept(Arrays.copyOf(answered, done.size()), done);
    }
  }
}
