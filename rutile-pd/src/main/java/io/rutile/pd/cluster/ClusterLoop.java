package io.rutile.pd.cluster;

import io.rutile.base.clock.Clock;
import io.rutile.pd.config.PdConfig;
import io.rutile.pd.core.ClusterImage;
import io.rutile.pd.core.LongTree;
import io.rutile.pd.core.RegionImage;
import io.rutile.pd.core.RegionInfo;
import io.rutile.pd.core.RegionStorage;
import io.rutile.pd.core.StoreInfo;
import io.rutile.pd.heartbeat.HeartbeatStreams;
import io.rutile.pd.schedule.Coordinator;
import io.rutile.proto.metapb.Buckets;
import io.rutile.proto.pdpb.RegionHeartbeatRequest;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that changes the map of the cluster and decides about it. It takes commands in
 * order, builds the next image, publishes it, and gives the scheduling side its turns; it never
 * waits for a disk or another machine. A simulation calls {@link #turn} itself instead of starting
 * the thread.
 *
 * <p>The queue needs no bound of its own: a heartbeat stream brings the next report only after an
 * earlier one was handled, and every other command is one waiting request.
 */
public final class ClusterLoop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterLoop.class);

  /** Commands handled before the image is published and timers get their turn. */
  private static final int BATCH = 1024;

  private static final long TICK_NANOS = 10_000_000L;
  private static final long KEEP_ALIVE_NANOS = 60_000_000_000L;

  private final Clock clock;
  private final HeartbeatStreams streams;
  private final RegionStorage storage;
  private final LinkedBlockingQueue<ClusterCommand> queue = new LinkedBlockingQueue<>();
  private volatile ClusterImage image;
  private volatile boolean running = true;
  private ClusterImage building;
  private @Nullable Coordinator coordinator;
  private @Nullable Thread thread;
  private long nextTickNanos;
  private long nextKeepAliveNanos;

  public ClusterLoop(
      Clock clock, PdConfig config, HeartbeatStreams streams, RegionStorage storage) {
    this.clock = clock;
    this.streams = streams;
    this.storage = storage;
    long now = clock.monotonicNanos();
    this.building = new ClusterImage(config, LongTree.empty(), RegionImage.EMPTY, now);
    storage.load(region ->
        building = building.withRegions(building.regions().put(RegionInfo.ofMeta(region, null))));
    this.image = building;
    this.nextTickNanos = now;
    this.nextKeepAliveNanos = now + KEEP_ALIVE_NANOS;
  }

  /** Sets the scheduling side. Before the first turn. */
  public void coordinator(Coordinator side) {
    this.coordinator = side;
  }

  /** Puts a store that was loaded from disk. Before the first turn. */
  public void load(StoreInfo store) {
    building = building.withStore(store);
    image = building;
  }

  /** Puts a region unless one of it is known. Before the first turn. */
  public void loadRegion(RegionInfo region) {
    if (building.regions().size() == 0) {
      building = building.withRegions(building.regions().put(region));
      image = building;
    }
  }

  /** Starts the thread. */
  public void start() {
    thread = Thread.ofPlatform().name("pd-cluster").daemon().start(this::run);
  }

  /** The map as of the last turn. Any thread. */
  public ClusterImage image() {
    return image;
  }

  /** Hands a command to the loop. Any thread. */
  public void offer(ClusterCommand command) {
    queue.add(command);
  }

  /** Runs {@code work} on the loop's thread. The stage fails when the loop ends before. */
  public <T> CompletableFuture<T> call(Supplier<T> work) {
    CompletableFuture<T> result = new CompletableFuture<>();
    queue.add(
        new ClusterCommand.Call(
            () -> {
              try {
                result.complete(work.get());
              } catch (RuntimeException e) {
                result.completeExceptionally(e);
              }
            },
            () -> result.completeExceptionally(new CancellationException("PD stops to lead"))));
    return result;
  }

  private void run() {
    while (running) {
      try {
        if (!turn()) {
          ClusterCommand command = queue.poll(TICK_NANOS, TimeUnit.NANOSECONDS);
          if (command != null) {
            handle(command);
          }
        }
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        LOG.error("the cluster loop failed at a command and goes on", e);
      }
    }
  }

  /** One round: pending commands, then whatever is due. Whether there was a command. */
  public boolean turn() {
    int handled = 0;
    ClusterCommand command = queue.poll();
    while (command != null) {
      handle(command);
      handled++;
      command = handled < BATCH ? queue.poll() : null;
    }
    long now = clock.monotonicNanos();
    building = building.at(now);
    image = building;
    if (now - nextTickNanos >= 0) {
      nextTickNanos = now + TICK_NANOS;
      storage.flush();
      if (coordinator != null) {
        coordinator.onTick(building);
      }
    }
    if (now - nextKeepAliveNanos >= 0) {
      nextKeepAliveNanos = now + KEEP_ALIVE_NANOS;
      streams.keepAlive();
    }
    return handled > 0;
  }

  private void handle(ClusterCommand command) {
    switch (command) {
      case ClusterCommand.RegionReport report -> handle(report);
      case ClusterCommand.StoreReport report -> handle(report);
      case ClusterCommand.StorePut put -> put(put.store());
      case ClusterCommand.StoreUpdate update -> {
        StoreInfo store = building.store(update.storeId());
        if (store != null) {
          put(update.change().apply(store));
        }
      }
      case ClusterCommand.StoreForget forget -> {
        building = building.withoutStore(forget.storeId());
        image = building;
      }
      case ClusterCommand.ConfigChange change -> {
        building = building.withConfig(change.config());
        image = building;
      }
      case ClusterCommand.BucketsReport report -> handle(report.buckets());
      case ClusterCommand.Call call -> {
        building = building.at(clock.monotonicNanos());
        image = building;
        call.work().run();
      }
    }
  }

  private void put(StoreInfo store) {
    building = building.withStore(store);
    image = building;
  }

  private void handle(ClusterCommand.StoreReport report) {
    StoreInfo store = building.store(report.stats().getStoreId());
    if (store == null) {
      return;
    }
    put(store.withHeartbeat(report.stats(), report.wallNanos(), clock.monotonicNanos()));
    if (coordinator != null) {
      coordinator.onStore(building, report.stats());
    }
  }

  private void handle(ClusterCommand.RegionReport report) {
    RegionHeartbeatRequest request = report.request();
    try {
      String refusal = RegionReports.defect(request);
      if (refusal == null) {
        refusal = accept(request);
      }
      if (refusal != null) {
        streams.sendError(report.sink(), request.getLeader(), refusal);
      }
    } finally {
      report.handled().run();
    }
  }

  private @Nullable String accept(RegionHeartbeatRequest request) {
    RegionImage regions = building.regions();
    RegionInfo known = regions.region(request.getRegion().getId());
    RegionInfo region = RegionReports.toRegion(request, known);
    String stale = regions.staleness(region);
    if (stale != null) {
      return stale;
    }
    for (RegionInfo displaced : regions.displacedBy(region)) {
      storage.delete(displaced.id());
    }
    if (known == null || region.metaDiffers(known)) {
      storage.save(region.meta());
    }
    building = building.withRegions(regions.put(region)).at(clock.monotonicNanos());
    if (coordinator != null) {
      coordinator.onRegion(building, region);
    }
    return null;
  }

  private void handle(Buckets buckets) {
    RegionInfo region = building.regions().region(buckets.getRegionId());
    if (region == null) {
      return;
    }
    Buckets known = region.flow().buckets();
    if (known == null || known.getVersion() <= buckets.getVersion()) {
      building =
          building.withRegions(
              building.regions().put(region.withFlow(region.flow().withBuckets(buckets))));
    }
  }

  @Override
  public void close() {
    running = false;
    Thread loop = thread;
    if (loop != null) {
      try {
        loop.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    for (ClusterCommand command = queue.poll(); command != null; command = queue.poll()) {
      if (command instanceof ClusterCommand.Call call) {
        call.abandoned().run();
      }
    }
    storage.close();
  }
}
