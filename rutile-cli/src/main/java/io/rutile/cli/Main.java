package io.rutile.cli;

import io.rutile.base.error.RutileException;
import io.rutile.base.log.LogConfig;
import io.rutile.base.log.Logging;
import io.rutile.bench.load.BenchCommand;
import io.rutile.cli.pdctl.PdCtlCommand;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Entry point of {@code rutile}. Exit codes: 0 done, 1 failed, 2 wrong usage, 130/143 stopped by a
 * signal.
 *
 * <p>An expected failure ({@link RutileException}) is one line on standard error; anything else is
 * a bug and prints its stack trace.
 */
@Command(
    name = "rutile",
    description =
        "Rutile: a distributed, transactional key-value store that speaks TiKV's protocols.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    subcommands = {
      PlaygroundCommand.class,
      TikvServerCommand.class,
      PdServerCommand.class,
      PdCtlCommand.class,
      BenchCommand.class,
      CommandLine.HelpCommand.class,
    })
public final class Main implements Runnable {
  @Spec CommandSpec spec;

  public static void main(String[] arguments) {
    // Until a server starts its own log: warnings only, on standard error, so that tools print what
    // they are for.
    Logging.start(LogConfig.quiet());
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(
            (failure, command, parsed) -> report(failure, command.getErr()));
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "no command given");
  }

  private static int report(Exception failure, PrintWriter err) {
    if (failure instanceof RutileException expected) {
      err.println("rutile: " + expected.getMessage());
    } else {
      failure.printStackTrace(err);
    }
    err.flush();
    return 1;
  }
}
