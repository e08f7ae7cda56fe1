package io.rutile.raft.log;

import io.rutile.proto.eraftpb.ConfState;
import io.rutile.proto.eraftpb.HardState;

/** What a peer finds on its disk when it starts. Both parts are default instances on a new peer. */
public record InitialState(HardState hardState, ConfState confState) {}
