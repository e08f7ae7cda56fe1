/**
 * The transaction layer against a reference model, on virtual time: real schedulers, latches, lock
 * queues, commands and memory locks of several stores; clients of every kind that die anywhere,
 * resolvers, garbage collection; lost, late and repeated messages, changes of leader, crashes.
 *
 * <p>One thread runs all of it in an order that the seed decides, so a seed repeats exactly. What
 * clients read and were told is compared with what the regions applied.
 */
@NullMarked
package io.rutile.verify.txn;

import org.jspecify.annotations.NullMarked;
