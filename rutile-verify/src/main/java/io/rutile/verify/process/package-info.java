/**
 * Real server processes on loopback, started, killed and restarted by tests. Ports are free ones of
 * the moment; data lives in a directory of the test.
 */
@NullMarked
package io.rutile.verify.process;

import org.jspecify.annotations.NullMarked;
