/**
 * JMH benchmarks of hot paths. Each has a yardstick in the same class, so that the ratio can be
 * read on any machine. Run one with {@code java -cp ... org.openjdk.jmh.Main RaftLogBenchmark}.
 */
@NullMarked
package io.rutile.bench.jmh;

import org.jspecify.annotations.NullMarked;
