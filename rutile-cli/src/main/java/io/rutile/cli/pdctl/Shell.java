package io.rutile.cli.pdctl;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import org.jline.reader.Candidate;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.ParsedLine;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/** Verbs line by line, with history and completion, until {@code exit}. */
final class Shell {
  private static final String PROMPT = "» ";
  private static final String HISTORY = ".rutile_pd_ctl_history";

  private final VerbTable table;
  private final PdHttp pd;

  Shell(VerbTable table, PdHttp pd) {
    this.table = table;
    this.pd = pd;
  }

  void run() {
    try (Terminal terminal = TerminalBuilder.builder().system(true).dumb(true).build()) {
      run(terminal, Path.of(System.getProperty("user.home"), HISTORY));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot use the terminal", e);
    }
  }

  void run(Terminal terminal, Path history) {
    LineReader reader =
        LineReaderBuilder.builder()
            .terminal(terminal)
            .appName("pd-ctl")
            .variable(LineReader.HISTORY_FILE, history)
            .completer((r, line, candidates) -> complete(line, candidates))
            .build();
    while (true) {
      try {
        reader.readLine(PROMPT);
        List<String> words = reader.getParsedLine().words();
        if (!handle(words.stream().filter(word -> !word.isEmpty()).toList(), terminal)) {
          return;
        }
      } catch (UserInterruptException e) {
        terminal.writer().println("exit ends the shell");
      } catch (EndOfFileException e) {
        return;
      }
    }
  }

  /** Whether to go on. */
  private boolean handle(List<String> words, Terminal terminal) {
    if (words.isEmpty()) {
      return true;
    }
    switch (words.getFirst()) {
      case "exit", "quit" -> {
        return false;
      }
      case "help" -> terminal.writer().println(table.help(words.size() > 1 ? words.get(1) : ""));
      default -> {
        try {
          terminal.writer().println(table.run(pd, words));
        } catch (PdCtlException e) {
          terminal.writer().println("Failed! " + e.getMessage());
        }
      }
    }
    terminal.writer().flush();
    return true;
  }

  /** The next word of every verb that begins with the words before the cursor. */
  private void complete(ParsedLine line, List<Candidate> candidates) {
    List<String> before = line.words().subList(0, line.wordIndex());
    String prefix = before.isEmpty() ? "" : String.join(" ", before) + " ";
    for (Verb verb : table.verbs()) {
      if (verb.words().startsWith(prefix)) {
        String next = verb.words().substring(prefix.length()).split(" ")[0];
        if (candidates.stream().noneMatch(candidate -> candidate.value().equals(next))) {
          candidates.add(new Candidate(next));
        }
      }
    }
  }
}
