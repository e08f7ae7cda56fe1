/**
 * {@link io.rutile.verify.raft.RaftSim}: groups of real consensus cores on virtual time, with a
 * network and disks that fail, watched by a checker that sees everything.
 *
 * <p>One thread, no clock, all randomness from one seed: a seed's run repeats exactly.
 */
@NullMarked
package io.rutile.verify.raft;

import org.jspecify.annotations.NullMarked;
