package io.rutile.profiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ProfilerGuardTest {
  @Test
  void reportNamesTheMethodThatUsedTheCpu() {
    try (ProfilerGuard guard = ProfilerGuard.start(1000)) {
      spinRecognizably();
      ProfileReport report = guard.stop();
      assertThat(new String(report.flameGraph(), StandardCharsets.UTF_8))
          .containsIgnoringCase("<!DOCTYPE html>")
          .contains("spinRecognizably");
      // The string table of a pprof message holds names as plain UTF-8.
      assertThat(new String(report.pprof(), StandardCharsets.ISO_8859_1))
          .contains("spinRecognizably");
    }
  }

  @Test
  void aVirtualThreadMayTakeAProfile() throws Exception {
    CompletableFuture<ProfileReport> taken = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try (ProfilerGuard guard = ProfilerGuard.start(1000)) {
            spinRecognizably();
            taken.complete(guard.stop());
          } catch (Throwable e) {
            taken.completeExceptionally(e);
          }
        });
    assertThat(new String(taken.get(30, TimeUnit.SECONDS).flameGraph(), StandardCharsets.UTF_8))
        .contains("spinRecognizably");
  }

  @Test
  void onlyOneProfileRunsAtATimeAndAClosedOneMakesRoom() {
    try (ProfilerGuard first = ProfilerGuard.start(100)) {
      assertThatThrownBy(() -> ProfilerGuard.start(100))
          .isInstanceOf(ProfilerException.class)
          .hasMessageContaining("already");
      first.stop();
    }
    ProfilerGuard.start(100).close();
  }

  @Test
  void aFrequencyOutOfBoundsIsRefusedAndLeavesNothingRunning() {
    assertThatThrownBy(() -> ProfilerGuard.start(0))
        .isInstanceOf(ProfilerException.class)
        .hasMessageContaining("1..10000");
    assertThatThrownBy(() -> ProfilerGuard.start(ProfilerGuard.MAX_FREQUENCY + 1))
        .isInstanceOf(ProfilerException.class);
    ProfilerGuard.start(ProfilerGuard.DEFAULT_FREQUENCY).close();
  }

  private static void spinRecognizably() {
    long end = System.nanoTime() + 500_000_000L;
    long state = 1;
    while (System.nanoTime() < end) {
      for (int i = 0; i < 10_000; i++) {
        state = state * 6364136223846793005L + 1442695040888963407L;
      }
    }
    assertThat(state).isNotZero();
  }
}
