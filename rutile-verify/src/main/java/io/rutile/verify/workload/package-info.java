/**
 * Clients that load a real cluster while faults are played on it, and write down what they were
 * told, for the checkers. Each workload has threads of its own between start and end.
 */
@NullMarked
package io.rutile.verify.workload;

import org.jspecify.annotations.NullMarked;
