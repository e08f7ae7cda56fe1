/**
 * What storage offers to the layers above: column families, snapshots, batches, the shared Raft
 * log, SST files.
 */
@NullMarked
package io.rutile.engine.api;

import org.jspecify.annotations.NullMarked;
