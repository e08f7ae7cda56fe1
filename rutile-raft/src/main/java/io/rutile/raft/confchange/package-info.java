/**
 * Who is in the group, and how that changes: simple steps and joint consensus (paper, section 6;
 * thesis, chapter 4).
 *
 * <p>Pure functions over immutable configurations; any thread. Invariant: voters and learners do
 * not overlap, and a member that is to become a learner is still an outgoing voter.
 */
@NullMarked
package io.rutile.raft.confchange;

import org.jspecify.annotations.NullMarked;
