package io.rutile.store.apply;

import io.rutile.engine.api.KvEngine;
import io.rutile.engine.api.WriteBatch;
import io.rutile.store.meta.RegionDirectory;
import io.rutile.store.meta.RegionImage;
import io.rutile.store.observe.AppliedBatch;
import io.rutile.txn.gate.RegionErrorException;
import io.rutile.txn.gate.RegionErrors;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one apply worker gathers between two engine writes. Owned by: its apply worker.
 *
 * <p>The order at a flush is what readers rely on: the engine write, then the counter of shared
 * snapshots, then the applied index, then observers, then the writers' completion.
 */
final class ApplyContext {
  private record Completion(PendingWrite write, @Nullable RegionErrorException error) {}

  private final ApplyServices services;
  private final WriteBatch batch;
  private final EntryReader reader = new EntryReader();
  private final List<AppliedRegion> touched = new ArrayList<>();
  private final List<Completion> completions = new ArrayList<>();
  private final List<AppliedBatch> observed = new ArrayList<>();
  private final List<Runnable> afterWrite = new ArrayList<>();

  ApplyContext(ApplyServices services) {
    this.services = services;
    this.batch = services.engine().newWriteBatch();
  }

  ApplyServices services() {
    return services;
  }

  KvEngine engine() {
    return services.engine();
  }

  RegionDirectory directory() {
    return services.directory();
  }

  WriteBatch batch() {
    return batch;
  }

  EntryReader reader() {
    return reader;
  }

  boolean observing() {
    return !services.observers().isEmpty();
  }

  void observe(AppliedBatch applied) {
    observed.add(applied);
  }

  void touch(AppliedRegion region) {
    touched.add(region);
  }

  void completeLater(PendingWrite write, @Nullable RegionErrorException error) {
    completions.add(new Completion(write, error));
  }

  /** Runs once the current batch is readable, on the worker. */
  void afterWrite(Runnable task) {
    afterWrite.add(task);
  }

  RegionErrorException epochNotMatch(RegionImage image) {
    return RegionErrors.epochNotMatch(
        "at apply, current " + image,
        services.directory().currentRegions(image, services.rightDerive()));
  }

  /** Writes and publishes everything gathered; the results go to the peers' loops. */
  void flush() {
    if (touched.isEmpty() && batch.count() == 0) {
      publish();
      return;
    }
    long started = services.clock().monotonicNanos();
    for (AppliedRegion region : touched) {
      region.putApplyState(batch);
    }
    services.engine().write(batch, false);
    batch.clear();
    services.snapshots().onWritten();
    for (AppliedRegion region : touched) {
      region.handle().publishApplied(region.appliedIndex());
    }
    services.metrics().applyLog(services.clock().monotonicNanos() - started);
    publish();
  }

  private void publish() {
    if (!observed.isEmpty()) {
      List<AppliedBatch> batches = List.copyOf(observed);
      observed.clear();
      services.observers().forEach(observer -> observer.onApplied(batches));
    }
    for (AppliedRegion region : touched) {
      services.results().accept(region.handle(), region.takeResult());
    }
    touched.clear();
    services.resultsFlush().run();
    for (Completion completion : completions) {
      if (completion.error() == null) {
        completion.write().succeed();
      } else {
        completion.write().fail(completion.error());
      }
    }
    completions.clear();
    if (!afterWrite.isEmpty()) {
      List<Runnable> tasks = List.copyOf(afterWrite);
      afterWrite.clear();
      tasks.forEach(Runnable::run);
    }
  }

  void close() {
    batch.close();
  }
}
