package io.rutile.store.observe;

import io.rutile.proto.metapb.Region;
import io.rutile.txn.gate.Modify;
import java.util.List;

/**
 * One applied entry of a region with the changes it made, in order.
 *
 * @param onePc written by a one-phase commit: committed rows come without a lock before them
 */
public record AppliedBatch(
    Region region, long term, long index, boolean onePc, List<Modify> modifies) {}
