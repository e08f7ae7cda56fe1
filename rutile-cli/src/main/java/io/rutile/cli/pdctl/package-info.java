/**
 * {@code rutile pd-ctl}: PD's control tool, a thin client of PD's HTTP pages. Verbs are data in a
 * table: words, usage, action; the command line and the shell look up the same table. Runs on the
 * main thread.
 */
@NullMarked
package io.rutile.cli.pdctl;

import org.jspecify.annotations.NullMarked;
