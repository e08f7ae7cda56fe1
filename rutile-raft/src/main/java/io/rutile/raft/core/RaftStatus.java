package io.rutile.raft.core;

import io.rutile.proto.eraftpb.ConfState;
import java.util.List;

/**
 * A node at one moment, for heartbeats, metrics and people. Immutable.
 *
 * @param leaderId 0 when unknown
 * @param persisted last index whose durability has been reported
 * @param leadTransferee target of a running leadership transfer, 0 for none
 * @param pendingConfIndex a conf change may be unapplied up to here; leaders only
 * @param progress of every peer in ascending id order; empty unless leader
 */
public record RaftStatus(
    long id,
    RaftRole role,
    long term,
    long vote,
    long leaderId,
    long commit,
    long applied,
    long lastIndex,
    long persisted,
    long leadTransferee,
    long pendingConfIndex,
    ConfState confState,
    List<PeerProgress> progress) {}
