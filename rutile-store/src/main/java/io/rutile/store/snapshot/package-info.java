/**
 * Region snapshots: building them from the engine, moving them between stores, installing them.
 * Files are written by background workers; the store loop owns which snapshot belongs to which
 * peer. Invariant: a snapshot is installed completely or, after a crash, again from its files.
 */
@NullMarked
package io.rutile.store.snapshot;

import org.jspecify.annotations.NullMarked;
