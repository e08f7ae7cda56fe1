package io.rutile.store.apply;

import io.rutile.base.clock.Clock;
import io.rutile.engine.api.KvEngine;
import io.rutile.store.StoreMetrics;
import io.rutile.store.loop.StoreCommand;
import io.rutile.store.meta.RegionDirectory;
import io.rutile.store.meta.RegionHandle;
import io.rutile.store.observe.RegionObserver;
import io.rutile.store.read.SharedSnapshots;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * What an apply worker works with.
 *
 * @param results takes a region's progress for the loop that owns its peer
 * @param resultsFlush sends what {@code results} took
 * @param toLoop sends a command to the loop of the region that it is for
 * @param background runs a task that may block away from the worker
 */
public record ApplyServices(
    KvEngine engine,
    RegionDirectory directory,
    SharedSnapshots snapshots,
    List<RegionObserver> observers,
    Clock clock,
    StoreMetrics metrics,
    boolean rightDerive,
    BiConsumer<RegionHandle, ApplyResult> results,
    Runnable resultsFlush,
    Consumer<StoreCommand> toLoop,
    Consumer<Runnable> background) {}
