package io.rutile.store.testing;

import io.rutile.base.error.RutileException;
import io.rutile.base.metric.MetricRegistry;
import io.rutile.engine.api.KvEngine;
import io.rutile.engine.memory.MemoryKvEngine;
import io.rutile.engine.memory.MemoryRaftLog;
import io.rutile.proto.kvrpcpb.APIVersion;
import io.rutile.proto.raftserverpb.RaftMessage;
import io.rutile.store.RaftstoreConfig;
import io.rutile.store.Store;
import io.rutile.store.StoreAssembly;
import io.rutile.store.StoreOptions;
import io.rutile.store.observe.TxnHooks;
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

  /** One store and its disks, which outlive it. */
  private static final class Node {
    MemoryKvEngine engine = new MemoryKvEngine();
    MemoryRaftLog log = new MemoryRaftLog();
    @Nullable StoreAssembly running;
    long storeId;
  }

  private final SimClock clock = new SimClock();
  private final SplittableRandom random;
  private final SimPd pd = new SimPd(clock);
  private final SimNetwork network;
  private final RaftstoreConfig config;
  private final Path directory;
  private final List<Node> nodes = new ArrayList<>();

  public SimCluster(long seed, int stores, RaftstoreConfig config, Path directory) {
    this.random = new SplittableRandom(seed);
    this.network = new SimNetwork(clock, random.split());
    this.config = config;
    this.directory = directory;
    for (int i = 0; i < stores; i++) {
      nodes.add(new Node());
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

  public KvEngine engine(int index) {
    return nodes.get(index).engine;
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
    StoreOptions options =
        new StoreOptions(
            config,
            node.engine,
            node.log,
            pd.gateway(),
            network.transport(this),
            clock,
            io.rutile.proto.metapb.Store.newBuilder().setAddress("sim-" + index).build(),
            APIVersion.V1,
            directory.resolve("snap-" + index),
            random.nextLong(),
            new AmpleDisk(),
            TxnHooks.NONE,
            List.of(),
            new MetricRegistry());
    StoreAssembly assembly = StoreAssembly.of(options);
    node.running = assembly;
    node.storeId = assembly.store().storeId();
  }

  /** Stops a store as a power cut does: what was not synced may be lost. */
  public void crash(int index) {
    Node node = nodes.get(index);
    node.running = null;
    node.engine = node.engine.crash(random);
    node.log = node.log.crash(random);
  }

  /** Ends a store in good order. */
  public void stop(int index) {
    Node node = nodes.get(index);
    if (node.running != null) {
      node.running.store().close();
      node.running = null;
      node.engine = node.engine.restart();
      node.log = node.log.restart();
    }
  }

  /** Lets everything that is due happen, then moves time to the next event. */
  public void step() {
    boolean worked = network.deliver();
    for (Node node : nodes) {
      if (node.running != null) {
        worked |= node.running.agents().turnAll();
      }
    }
    if (worked) {
      return;
    }
    long next = network.nextArrivalNanos();
    for (Node node : nodes) {
      if (node.running != null) {
        next = Math.min(next, node.running.agents().nextTurnNanos());
      }
    }
    clock.advanceTo(next);
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
      byte[] chunk = source.read(SNAPSHOT_CHUNK);
      while (chunk.length > 0) {
        sink.write(chunk);
        chunk = source.read(SNAPSHOT_CHUNK);
      }
      sink.complete();
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
