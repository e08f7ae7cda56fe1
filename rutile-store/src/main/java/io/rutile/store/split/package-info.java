/**
 * Where regions should split. Scans run on background workers over the engine as it is; they only
 * advise, the leader decides.
 */
@NullMarked
package io.rutile.store.split;

import org.jspecify.annotations.NullMarked;
