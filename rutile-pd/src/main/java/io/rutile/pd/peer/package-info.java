/**
 * Members of PD among themselves, over gRPC on the peer port: Raft messages, snapshots, and what a
 * member tells the leader. Messages may be lost, Raft sends again; frames of another group are
 * refused. Nothing here blocks a caller.
 */
@NullMarked
package io.rutile.pd.peer;

import org.jspecify.annotations.NullMarked;
