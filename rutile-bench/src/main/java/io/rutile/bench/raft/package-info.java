/**
 * Replication alone under load: three stores in this process, with their real Raft log, data engine
 * and gRPC transport, but without clients, transactions and a real placement driver.
 */
@NullMarked
package io.rutile.bench.raft;

import org.jspecify.annotations.NullMarked;
