package io.rutile.store.testing;

import io.rutile.base.clock.Clock;
import io.rutile.base.error.RutileException;
import io.rutile.base.metric.MetricRegistry;
import io.rutile.engine.api.KvEngine;
import io.rutile.engine.api.RaftLog;
import io.rutile.engine.memory.MemoryKvEngine;
import io.rutile.engine.memory.MemoryRaftLog;
import io.rutile.proto.kvrpcpb.APIVersion;
import io.rutile.proto.raftserverpb.RaftMessage;
import io.rutile.store.RaftstoreConfig;
import io.rutile.store.Store;
import io.rutile.store.StoreAssembly;
import io.rutile.store.StoreOptions;
import io.rutile.store.meta.RegionHandle;
import io.rutile.store.observe.RegionObserver;
import io.rutile.store.observe.TxnHooks;
import io.rutile.store.read.ReadView;
import io.rutile.store.snapshot.SnapshotSink;
import io.rutile.store.snapshot.SnapshotSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Several stores, a network and a placement driver in one thread on virtual time. The stores are
 * the production classes on crashable engines; with one seed everything happens again the same way.
 */
public final class SimCluster implements AutoCloseable {
  private static final int SNAPSHOT_CHUNK = 64 * 1024;

  /** What stands on one store, for as long as the store runs. */
  public interface Upper {
    /** A store with nothing on it. */
    Upper NONE = new Upper() {};

    default TxnHooks hooks() {
      return TxnHooks.NONE;
    }

    default List<RegionObserver> observers() {
      return List.of();
    }

    /** The store has opened. */
    default void onOpened(Store store, KvEngine engine) {}

    /** Does what is due; returns whether anything was. */
    default boolean turn() {
      return false;
    }

    /** When something is due next, by the store's clock. */
    default long nextTurnNanos() {
      return Long.MAX_VALUE;
    }
  }

  /** Makes what stands on a store, at each of its starts. */
  public interface Uppers {
    Upper create(int index, SimPd pd, Clock clock);
  }

  /** One store and its disks, which outlive it. */
  private static final class Node {
    final DriftingClock clock;
    final SimDisk disk = new SimDisk();
    MemoryKvEngine engine = new MemoryKvEngine();
    MemoryRaftLog log = new MemoryRaftLog();
    Upper upper = Upper.NONE;
    @Nullable StoreAssembly running;
    long storeId;
    int starts;
    boolean paused;

    Node(DriftingClock clock) {
      this.clock = clock;
    }

    boolean turn() {
      StoreAssembly assembly = running;
      if (assembly == null || paused) {
        return false;
      }
      return assembly.agents().turnAll() | upper.turn();
    }

    /** In true time. */
    long nextTurnNanos() {
      StoreAssembly assembly = running;
      if (assembly == null || paused) {
        return Long.MAX_VALUE;
      }
      return clock.toTrueNanos(Math.min(assembly.agents().nextTurnNanos(), upper.nextTurnNanos()));
    }
  }

  private final SimClock clock = new SimClock();
  private final SplittableRandom random;
  private final SimPd pd = new SimPd(clock);
  private final SimNetwork network;
  private final RaftstoreConfig config;
  private final Path directory;
  private final Uppers uppers;
  private final List<Node> nodes = new ArrayList<>();

  public SimCluster(long seed, int stores, RaftstoreConfig config, Path directory) {
    this(seed, stores, 0, config, directory, (index, driver, clock) -> Upper.NONE);
  }

  /**
   * @param driftMax how far, as a share, the pace of a store's clock may be from true time
   */
  public SimCluster(
      long seed,
      int stores,
      double driftMax,
      RaftstoreConfig config,
      Path directory,
      Uppers uppers) {
    this.random = new SplittableRandom(seed);
    this.network = new SimNetwork(clock, random.split());
    this.config = config;
    this.directory = directory;
    this.uppers = uppers;
    for (int i = 0; i < stores; i++) {
      double pace = 1 + driftMax * (2 * random.nextDouble() - 1);
      nodes.add(new Node(new DriftingClock(clock, driftMax == 0 ? 1 : pace)));
      start(i);
    }
  }

  public SimPd pd() {
    return pd;
  }

  public SimNetwork network() {
    return network;
  }

  public SimClock clock() {
    return clock;
  }

  public int size() {
    return nodes.size();
  }

  public Store store(int index) {
    StoreAssembly running = nodes.get(index).running;
    if (running == null) {
      throw new IllegalStateException("store " + index + " is down");
    }
    return running.store();
  }

  public boolean isUp(int index) {
    return nodes.get(index).running != null;
  }

  /** How often the store was started: another number means that its memory is gone. */
  public int starts(int index) {
    return nodes.get(index).starts;
  }

  /** Whether the store's peer of the region may read without asking anybody, now. */
  public boolean leased(int index, long regionId) {
    Node node = nodes.get(index);
    StoreAssembly running = node.running;
    if (running == null) {
      return false;
    }
    RegionHandle handle = running.directory().handle(regionId);
    ReadView view = handle == null ? null : handle.view();
    return view != null && view.leasedAt(node.clock.monotonicNanos());
  }

  public SimDisk disk(int index) {
    return nodes.get(index).disk;
  }

  /** The store stands still, as a stopped process does: time passes, messages gather. */
  public void pause(int index) {
    nodes.get(index).paused = true;
  }

  public void resume(int index) {
    nodes.get(index).paused = false;
  }

  public boolean isPaused(int index) {
    return nodes.get(index).paused;
  }

  public KvEngine engine(int index) {
    return nodes.get(index).engine;
  }

  /** The Raft log of a store, to be damaged while it is down. */
  public RaftLog log(int index) {
    return nodes.get(index).log;
  }

  public long storeId(int index) {
    return nodes.get(index).storeId;
  }

  /** Index of the store with that id. */
  public int indexOf(long storeId) {
    for (int i = 0; i < nodes.size(); i++) {
      if (nodes.get(i).storeId == storeId) {
        return i;
      }
    }
    throw new IllegalArgumentException("no store " + storeId);
  }

  public void start(int index) {
    Node node = nodes.get(index);
    Upper upper = uppers.create(index, pd, node.clock);
    StoreOptions options =
        new StoreOptions(
            config,
            node.engine,
            node.log,
            pd.gateway(),
            network.transport(this),
            node.clock,
            io.rutile.proto.metapb.Store.newBuilder().setAddress("sim-" + index).build(),
            APIVersion.V1,
            directory.resolve("snap-" + index),
            random.nextLong(),
            node.disk,
            upper.hooks(),
            upper.observers(),
            new MetricRegistry());
    StoreAssembly assembly = StoreAssembly.of(options);
    node.running = assembly;
    node.storeId = assembly.store().storeId();
    node.upper = upper;
    node.starts++;
    upper.onOpened(assembly.store(), node.engine);
  }

  /** Stops a store as a power cut does: what was not synced may be lost. */
  public void crash(int index) {
    Node node = nodes.get(index);
    node.running = null;
    node.upper = Upper.NONE;
    node.paused = false;
    node.engine = node.engine.crash(random);
    node.log = node.log.crash(random);
  }

  /** Ends a store in good order. */
  public void stop(int index) {
    Node node = nodes.get(index);
    if (node.running != null) {
      node.running.store().close();
      node.running = null;
      node.upper = Upper.NONE;
      node.paused = false;
      node.engine = node.engine.restart();
      node.log = node.log.restart();
    }
  }

  /** Lets everything that is due happen, then moves time to the next event. */
  public void step() {
    step(Long.MAX_VALUE);
  }

  /** As above, but moves time to {@code latestNanos} at most, since the caller has plans then. */
  public void step(long latestNanos) {
    boolean worked = network.deliver();
    for (Node node : nodes) {
      worked |= node.turn();
    }
    if (worked) {
      return;
    }
    long next = network.nextArrivalNanos();
    for (Node node : nodes) {
      next = Math.min(next, node.nextTurnNanos());
    }
    clock.advanceTo(Math.min(next, latestNanos));
  }

  public void runNanos(long nanos) {
    long end = clock.monotonicNanos() + nanos;
    while (clock.monotonicNanos() < end) {
      step();
    }
  }

  /** Runs until the condition holds; false when it does not within the given virtual time. */
  public boolean runUntil(BooleanSupplier condition, long maxNanos) {
    long end = clock.monotonicNanos() + maxNanos;
    while (!condition.getAsBoolean()) {
      if (clock.monotonicNanos() >= end) {
        return false;
      }
      step();
    }
    return true;
  }

  void deliver(long storeId, RaftMessage message) {
    StoreAssembly running = nodes.get(indexOf(storeId)).running;
    if (running != null) {
      running.store().onRaftMessage(message);
    }
  }

  boolean deliverSnapshot(long storeId, RaftMessage head, SnapshotSource source) {
    StoreAssembly running = nodes.get(indexOf(storeId)).running;
    if (running == null) {
      return false;
    }
    try {
      SnapshotSink sink = running.store().receiveSnapshot(head);
      try {
        byte[] chunk = source.read(SNAPSHOT_CHUNK);
        while (chunk.length > 0) {
          sink.write(network.carried(chunk));
          chunk = source.read(SNAPSHOT_CHUNK);
        }
        sink.complete();
      } catch (RutileException e) {
        sink.abort();
        throw e;
      }
      return true;
    } catch (RutileException e) {
      return false;
    }
  }

  @Override
  public void close() {
    for (int i = 0; i < nodes.size(); i++) {
      stop(i);
    }
  }
}
