/**
 * The command line: one program, {@code rutile}, with a subcommand for each thing to run.
 *
 * <p>Parses arguments, starts servers, prints for people. Holds no state of its own; the main
 * thread waits for the end, and the JVM's shutdown thread stops what runs.
 */
@NullMarked
package io.rutile.cli;

import org.jspecify.annotations.NullMarked;
