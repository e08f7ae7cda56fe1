package io.rutile.raft.core;

import io.rutile.raft.tracker.ProgressState;

/**
 * What a leader knows about one peer, itself included, at one moment.
 *
 * @param match highest index known to be durable there
 * @param next first index to send next
 * @param committed highest commit index the peer has reported
 * @param pendingSnapshot index of the snapshot on its way, 0 for none
 * @param recentActive whether it was heard of within the last check-quorum period
 * @param inflightMessages appends sent and not acknowledged
 * @param inflightBytes their payload
 * @param learner whether it has no vote
 */
public record PeerProgress(
    long id,
    long match,
    long next,
    ProgressState state,
    long committed,
    long pendingSnapshot,
    boolean recentActive,
    int inflightMessages,
    long inflightBytes,
    boolean learner) {}
