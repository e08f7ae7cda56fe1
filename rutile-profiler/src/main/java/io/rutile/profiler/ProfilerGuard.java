package io.rutile.profiler;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import one.profiler.AsyncProfiler;
import org.jspecify.annotations.Nullable;

/**
 * A CPU profile of this process while the guard is open: {@link #start}, let the program work,
 * {@link #stop}, and read the report.
 *
 * <pre>{@code
 * try (ProfilerGuard guard = ProfilerGuard.start(99)) {
 *   work();
 *   Files.write(Path.of("profile.html"), guard.stop().flameGraph());
 * }
 * }</pre>
 *
 * <p>Stacks are sampled by async-profiler, which sees Java, native and, where the kernel allows it,
 * kernel frames, and does not wait for safepoints. Its {@code cpu} event needs performance
 * counters; where they are forbidden the per-thread CPU timer is used instead, which loses only
 * kernel frames.
 *
 * <p>The profiler finds the structures of the JVM through the thread that calls it, which a virtual
 * thread has not got: every call to it is made by a short-lived platform thread, so callers may be
 * of either kind.
 *
 * <p>Invariant: at most one guard is open in a process, because the profiler is one per process.
 * Methods may be called by any thread, by one thread at a time.
 */
public final class ProfilerGuard implements AutoCloseable {
  /** TiKV's default: not a divisor of any usual timer, so periodic work is not over-represented. */
  public static final int DEFAULT_FREQUENCY = 99;

  /** Above this the profiler would be most of the profile. */
  public static final int MAX_FREQUENCY = 10_000;

  private static final AtomicBoolean RUNNING = new AtomicBoolean();

  /** By preference; the first that this machine allows is used. */
  private static final List<String> EVENTS = List.of("cpu", "ctimer", "itimer");

  private final AsyncProfiler profiler;
  private final Path recording;
  private boolean sampling = true;
  private boolean closed;

  private ProfilerGuard(AsyncProfiler profiler, Path recording) {
    this.profiler = profiler;
    this.recording = recording;
  }

  /**
   * Starts sampling.
   *
   * @param samplesPerSecond samples of each running thread per second of CPU time, 1..{@value
   *     #MAX_FREQUENCY}
   * @throws ProfilerException when a profile is running already, the frequency is out of bounds, or
   *     there is no profiler for this platform
   */
  public static ProfilerGuard start(int samplesPerSecond) {
    if (samplesPerSecond < 1 || samplesPerSecond > MAX_FREQUENCY) {
      throw ProfilerException.outOfBounds(samplesPerSecond);
    }
    if (!RUNNING.compareAndSet(false, true)) {
      throw ProfilerException.alreadyRunning();
    }
    @Nullable Path recording = null;
    try {
      Path file = Files.createTempFile("rutile-profile", ".jfr");
      recording = file;
      AsyncProfiler profiler =
          onPlatformThread(() -> {
            AsyncProfiler loaded = load();
            startFirstAllowed(loaded, file, samplesPerSecond);
            return loaded;
          });
      return new ProfilerGuard(profiler, file);
    } catch (IOException e) {
      release(recording);
      throw ProfilerException.failed("cannot record a profile", e);
    } catch (RuntimeException e) {
      release(recording);
      throw e;
    }
  }

  /** Ends sampling and reads the report. */
  public ProfileReport stop() {
    endSampling();
    try {
      return ProfileReport.read(recording);
    } catch (IOException e) {
      throw ProfilerException.failed("cannot read the recorded profile", e);
    }
  }

  /** Ends sampling if it still goes on and forgets the recording. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      endSampling();
    } finally {
      release(recording);
    }
  }

  private void endSampling() {
    if (sampling) {
      sampling = false;
      onPlatformThread(() -> {
        profiler.stop();
        return profiler;
      });
    }
  }

  private static AsyncProfiler onPlatformThread(Supplier<AsyncProfiler> action) {
    CompletableFuture<AsyncProfiler> done = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .name("profiler-control")
        .start(() -> {
          try {
            done.complete(action.get());
          } catch (RuntimeException | Error e) {
            done.completeExceptionally(e);
          }
        });
    try {
      return done.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof ProfilerException refusal) {
        throw refusal;
      }
      throw ProfilerException.failed("the profiler failed", Objects.requireNonNull(e.getCause()));
    }
  }

  private static AsyncProfiler load() {
    try {
      return AsyncProfiler.getInstance();
    } catch (IllegalStateException | UnsatisfiedLinkError e) {
      throw ProfilerException.failed("no profiler for this platform", e);
    }
  }

  private static void startFirstAllowed(AsyncProfiler profiler, Path recording, int frequency) {
    long intervalNanos = 1_000_000_000L / frequency;
    IllegalStateException refusal = null;
    for (String event : EVENTS) {
      try {
        profiler.execute(
            "start,jfr,event=" + event + ",interval=" + intervalNanos + ",file=" + recording);
        return;
      } catch (IllegalStateException e) {
        refusal = e;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    throw ProfilerException.failed(
        "no way to sample is allowed here", Objects.requireNonNull(refusal));
  }

  /** Lets the next guard start. */
  private static void release(@Nullable Path recording) {
    try {
      if (recording != null) {
        Files.deleteIfExists(recording);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      RUNNING.set(false);
    }
  }
}
