package io.rutile.cli.pdctl;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code rutile pd-ctl}: looks at and changes a running PD, by PD's own verbs. Answers are JSON.
 * Exit codes: 0 done, 1 refused or not reachable, 2 wrong usage.
 */
@Command(
    name = "pd-ctl",
    mixinStandardHelpOptions = true,
    description = "Controls a running Placement Driver: pd-ctl help lists the verbs.")
public final class PdCtlCommand implements Callable<Integer> {
  @Option(
      names = {"-u", "--pd"},
      paramLabel = "URL",
      defaultValue = "http://127.0.0.1:2379",
      description = "addresses of PD, separated by commas (default: ${DEFAULT-VALUE})")
  private String pd = "";

  @Option(
      names = {"-i", "--interact"},
      description = "runs verbs line by line, with history and completion")
  private boolean interactive;

  @Parameters(paramLabel = "VERB", description = "what to do, and its arguments")
  private List<String> words = new ArrayList<>();

  @Spec CommandSpec spec;

  @Override
  public Integer call() {
    VerbTable table = VerbTable.all();
    PrintWriter out = spec.commandLine().getOut();
    try (PdHttp http = new PdHttp(pd)) {
      if (interactive) {
        new Shell(table, http).run();
        return 0;
      }
      if (words.isEmpty() || words.getFirst().equals("help")) {
        out.println(table.help(words.size() > 1 ? words.get(1) : ""));
        out.flush();
        return words.isEmpty() ? 2 : 0;
      }
      out.println(table.run(http, words));
      out.flush();
      return 0;
    } catch (PdCtlException e) {
      PrintWriter err = spec.commandLine().getErr();
      err.println("Failed! " + e.getMessage());
      err.flush();
      return 1;
    }
  }
}
