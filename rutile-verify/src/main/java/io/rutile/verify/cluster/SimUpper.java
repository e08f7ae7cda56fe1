package io.rutile.verify.cluster;

import io.rutile.base.clock.Clock;
import io.rutile.base.clock.Timers;
import io.rutile.base.metric.MetricRegistry;
import io.rutile.engine.api.KvEngine;
import io.rutile.proto.kvrpcpb.APIVersion;
import io.rutile.server.node.LeadershipObserver;
import io.rutile.server.node.ReplicationHooks;
import io.rutile.store.Store;
import io.rutile.store.observe.RegionObserver;
import io.rutile.store.observe.TxnHooks;
import io.rutile.store.testing.SimCluster;
import io.rutile.store.testing.SimPd;
import io.rutile.txn.deadlock.DeadlockTransport;
import io.rutile.txn.pool.Priority;
import io.rutile.txn.pool.TaskPool;
import io.rutile.txn.storage.StorageOptions;
import io.rutile.txn.storage.TxnStorage;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The transaction layer on one simulated store: production classes whose pools and timers are
 * turned by the simulation.
 */
final class SimUpper implements SimCluster.Upper {
  private record Timer(long atNanos, long number, Runnable task) {}

  private final SimPd pd;
  private final Clock clock;
  private final ReplicationHooks hooks = new ReplicationHooks();
  private final LeadershipObserver leadership = new LeadershipObserver();
  private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
  private final PriorityQueue<Timer> timers =
      new PriorityQueue<>(
          Comparator.comparingLong(Timer::atNanos).thenComparingLong(Timer::number));
  private long timerCount;
  private @Nullable TxnStorage storage;

  SimUpper(SimPd pd, Clock clock) {
    this.pd = pd;
    this.clock = clock;
  }

  @Override
  public TxnHooks hooks() {
    return hooks;
  }

  @Override
  public List<RegionObserver> observers() {
    return List.of(leadership);
  }

  @Override
  public void onOpened(Store store, KvEngine engine) {
    TxnStorage opened =
        TxnStorage.start(
            new StorageOptions(
                StorageOptions.Settings.defaults(APIVersion.V1, 2),
                store,
                engine,
                this::timestamps,
                DeadlockTransport.NONE,
                clock,
                this::after,
                (name, threads, most) -> new Pool(),
                new MetricRegistry()));
    storage = opened;
    hooks.bind(opened.concurrency());
    leadership.bind(opened);
  }

  private CompletableFuture<Long> timestamps(int count) {
    long last = 0;
    for (int i = 0; i < count; i++) {
      last = pd.timestamp();
    }
    return CompletableFuture.completedFuture(last);
  }

  TxnStorage storage() {
    TxnStorage opened = storage;
    if (opened == null) {
      throw new IllegalStateException("the store is not open");
    }
    return opened;
  }

  private Timers.Timeout after(long delayNanos, Runnable task) {
    Timer timer = new Timer(clock.monotonicNanos() + delayNanos, timerCount++, task);
    timers.add(timer);
    return () -> timers.remove(timer);
  }

  @Override
  public boolean turn() {
    boolean worked = false;
    Timer due = timers.peek();
    while (due != null && due.atNanos() <= clock.monotonicNanos()) {
      timers.remove(due);
      due.task().run();
      worked = true;
      due = timers.peek();
    }
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
      worked = true;
    }
    return worked;
  }

  @Override
  public long nextTurnNanos() {
    Timer next = timers.peek();
    return next == null ? Long.MAX_VALUE : next.atNanos();
  }

  /** All pools of a store are one queue here. */
  private final class Pool implements TaskPool {
    @Override
    public boolean offer(Priority priority, Runnable task) {
      return tasks.add(task);
    }

    @Override
    public void resume(Priority priority, Runnable task) {
      tasks.add(task);
    }

    @Override
    public long estimatedWaitNanos() {
      return 0;
    }

    @Override
    public int queued() {
      return tasks.size();
    }

    @Override
    public void close() {}
  }
}
