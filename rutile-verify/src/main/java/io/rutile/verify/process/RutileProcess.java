package io.rutile.verify.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * One {@code rutile} command that runs as a process of its own, its output in a file. Used by one
 * test thread.
 *
 * <p>The distribution that {@code ./mvnw package} assembles is what runs, by the script that users
 * run.
 */
public final class RutileProcess implements AutoCloseable {
  private static final long STOP_SECONDS_MAX = 30;

  private final Process process;
  private final Path log;

  private RutileProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /**
   * Starts {@code rutile} with {@code arguments}; its output is appended to {@code log}.
   *
   * @throws UncheckedIOException when the distribution is not built
   */
  public static RutileProcess start(Path log, List<String> arguments) {
    return start(log, arguments, Map.of());
  }

  /** As above, with variables of the environment besides those of this process. */
  public static RutileProcess start(
      Path log, List<String> arguments, Map<String, String> environment) {
    List<String> command = new ArrayList<>();
    command.add(launcher().toString());
    command.addAll(arguments);
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
      builder.environment().putAll(environment);
      return new RutileProcess(builder.start(), log);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start " + command, e);
    }
  }

  /**
   * The launcher of the assembled distribution, found from the directory of whichever module runs
   * the test.
   */
  static Path launcher() {
    Path directory = Path.of("").toAbsolutePath();
    while (directory != null && !Files.exists(directory.resolve("mvnw"))) {
      directory = directory.getParent();
    }
    if (directory == null) {
      throw new IllegalStateException("not within a checkout: " + Path.of("").toAbsolutePath());
    }
    return directory.resolve("rutile-cli/target/rutile/bin/rutile");
  }

  public long pid() {
    return process.pid();
  }

  public boolean alive() {
    return process.isAlive();
  }

  public int exitCode() {
    return process.exitValue();
  }

  /** All that the process has printed so far, and earlier ones with the same log. */
  public String output() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends the process as {@code kill -9} does, and its children with it. */
  public void kill() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    await();
  }

  /** Asks the process to stop, as Ctrl-C does, and waits for it. */
  public void stop() {
    process.destroy();
    await();
  }

  /** Stops the process in its tracks (SIGSTOP); {@link #resume()} lets it go on. */
  public void pause() {
    signal("STOP");
  }

  public void resume() {
    signal("CONT");
  }

  @Override
  public void close() {
    if (process.isAlive()) {
      kill();
    }
  }

  /** Waits for the end of the process. */
  public void await() {
    try {
      if (!process.waitFor(STOP_SECONDS_MAX, TimeUnit.SECONDS)) {
        throw new IllegalStateException("process " + pid() + " does not end; see " + log);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private void signal(String name) {
    try {
      Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(pid())).start();
      if (kill.waitFor() != 0) {
        throw new IllegalStateException("cannot send " + name + " to " + pid());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
