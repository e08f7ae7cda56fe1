package io.rutile.bench.load;

import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Shows how far a run is, on standard error, and lets the time of a run pass. */
final class Progress {
  private static final long STEP_MILLIS = 200;

  private final boolean shown;

  Progress(boolean shown) {
    this.shown = shown;
  }

  /** Warm-up and measurement of a run; returns early when it failed. */
  void watch(
      Measurement measurement, LoadConfig config, AtomicReference<@Nullable Throwable> failure)
      throws InterruptedException {
    long total = TimeUnit.SECONDS.toMillis(config.warmupSeconds() + config.durationSeconds());
    try (@Nullable ProgressBar bar = open(measurement.name(), total, " ms")) {
      pass(TimeUnit.SECONDS.toMillis(config.warmupSeconds()), bar, null, failure);
      measurement.start();
      pass(TimeUnit.SECONDS.toMillis(config.durationSeconds()), bar, measurement, failure);
      measurement.stop();
    }
  }

  /** A bar of {@code total} units; null when nothing is to be shown. The caller closes it. */
  @Nullable ProgressBar open(String task, long total, String unit) {
    if (!shown) {
      return null;
    }
    return new ProgressBarBuilder()
        .setTaskName(String.format(Locale.ROOT, "%-22s", task))
        .setInitialMax(total)
        .setUnit(unit, 1)
        .setStyle(ProgressBarStyle.ASCII)
        .setUpdateIntervalMillis((int) STEP_MILLIS)
        .build();
  }

  private static void pass(
      long millis,
      @Nullable ProgressBar bar,
      @Nullable Measurement measurement,
      AtomicReference<@Nullable Throwable> failure)
      throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    for (long left = millis; left > 0 && failure.get() == null; ) {
      long step = Math.min(STEP_MILLIS, left);
      Thread.sleep(step);
      if (bar != null) {
        bar.stepBy(step);
        bar.setExtraMessage(
            measurement == null
                ? "warm-up"
                : String.format(Locale.ROOT, "%,.0f ops/s", measurement.perSecond()));
      }
      left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
    }
  }
}
