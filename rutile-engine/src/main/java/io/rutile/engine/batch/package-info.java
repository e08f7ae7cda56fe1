/**
 * Write batches, encoded once in the form that RocksDB logs and every engine reads. A batch is
 * owned by one thread until it is written.
 */
@NullMarked
package io.rutile.engine.batch;

import org.jspecify.annotations.NullMarked;
