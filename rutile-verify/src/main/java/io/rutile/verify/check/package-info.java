/**
 * Verdicts on histories: linearizability of single keys, snapshot isolation by replay of
 * timestamps, cycles of dependencies, and invariants of workloads. Pure functions of a recorded
 * history; an unknown verdict is a failure.
 */
@NullMarked
package io.rutile.verify.check;

import org.jspecify.annotations.NullMarked;
