/**
 * Up to which timestamp a region is resolved: nothing with a lower or equal commit timestamp can
 * still become visible in it. Owns the lists of open locks, one for each region that this store
 * leads, guarded by a monitor each. Invariant: a lock that stands in the lock family and was
 * reported is in the list, so the resolved timestamp stays at or below its start_ts.
 */
@NullMarked
package io.rutile.txn.resolvedts;

import org.jspecify.annotations.NullMarked;
