package io.rutile.cli.pdctl;

/**
 * One thing that pd-ctl can do.
 *
 * @param words how it is called, for example {@code store weight}
 * @param arguments what follows, for people
 * @param help what it does, for people
 * @param action gives what to print
 */
record Verb(String words, String arguments, String help, Action action) {
  /** Does it. */
  @FunctionalInterface
  interface Action {
    String run(PdHttp pd, Arguments arguments);
  }

  String usage() {
    return arguments.isEmpty() ? words : words + " " + arguments;
  }
}
