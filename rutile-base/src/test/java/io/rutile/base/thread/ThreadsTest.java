package io.rutile.base.thread;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ThreadsTest {
  @Test
  void anEscapedExceptionIsFatalAndNamesTheThread() throws Exception {
    CompletableFuture<String> reason = new CompletableFuture<>();
    Fatal fatal = (text, cause) -> reason.complete(text + ": " + cause.getMessage());
    Thread thread =
        Threads.factory("store-loop", fatal)
            .newThread(() -> {
              throw new IllegalStateException("broken");
            });
    assertThat(thread.isDaemon()).isTrue();
    thread.start();
    assertThat(reason.get(10, TimeUnit.SECONDS)).isEqualTo("thread store-loop-0 died: broken");
  }

  @Test
  void aSingleThreadHasItsOwnName() {
    Fatal fatal = (text, cause) -> {};
    assertThat(Threads.create("log-writer", fatal, () -> {}).getName()).isEqualTo("log-writer");
  }
}
