package io.rutile.store.apply;

import java.util.List;

/**
 * How far a region has been applied, and what happened on the way.
 *
 * @param appliedTerm term of the entry at {@code appliedIndex}
 * @param outcomes of admin entries, in log order
 * @param writtenBytes written to the region's data by these entries
 */
public record ApplyResult(
    long regionId,
    long peerId,
    long appliedIndex,
    long appliedTerm,
    List<AdminOutcome> outcomes,
    long writtenBytes,
    long writtenKeys) {}
