/**
 * Who wants to know what happens to regions: change feeds, the deadlock detector, transaction
 * state. Observers run on the thread that owns the fact and must return at once.
 */
@NullMarked
package io.rutile.store.observe;

import org.jspecify.annotations.NullMarked;
