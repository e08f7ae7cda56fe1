package io.rutile.store.peer;

import io.rutile.proto.eraftpb.Entry;
import io.rutile.proto.raftserverpb.RaftLocalState;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One Ready of one peer on its way to the log.
 *
 * @param restartAt when not 0, the log is dropped and begins anew at this index
 * @param state term, vote and commit to store, null when they are as stored
 */
public record LogAppend(
    long regionId,
    long peerId,
    long readyNumber,
    long restartAt,
    List<Entry> entries,
    @Nullable RaftLocalState state) {}
