/**
 * Golden scripts: a small language that drives nodes by hand, and the full trace of what they do.
 *
 * <p>One thread; nodes, disks and network of a script live in one {@link
 * io.rutile.raft.golden.ScriptWorld}.
 */
@NullMarked
package io.rutile.raft.golden;

import org.jspecify.annotations.NullMarked;
