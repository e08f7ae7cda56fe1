/** Raft as a pure function: messages and ticks in, Ready out. No threads, no clock, no I/O. */
@NullMarked
package io.rutile.raft.core;

import org.jspecify.annotations.NullMarked;
