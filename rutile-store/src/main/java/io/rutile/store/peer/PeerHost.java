package io.rutile.store.peer;

import io.rutile.proto.raftserverpb.RaftMessage;
import io.rutile.store.apply.ApplyCommand;
import io.rutile.store.loop.StoreCommand;
import io.rutile.store.snapshot.SnapshotSource;
import java.util.function.Consumer;

/**
 * The store loop as its peers see it. Called by peers in the loop's turn only. What is handed over
 * leaves at the end of the turn: messages first, then the log, then the apply workers.
 */
public interface PeerHost {
  /** The time at which this turn began. */
  long turnNanos();

  void send(RaftMessage message);

  void append(LogAppend append);

  void apply(ApplyCommand command);

  /** Forgets the log below an index once the engine has made the changes durable. */
  void compactLog(long regionId, long firstKeptIndex);

  /** Sends a command to the loop that owns the region, which may be this one. */
  void post(long regionId, StoreCommand command);

  /** The peer has to be looked at before the turn ends. */
  void markDirty(Peer peer);

  /** Has a snapshot of the peer's region built; the peer hears of it by a command. */
  void buildSnapshot(Peer peer);

  void sendSnapshot(RaftMessage head, SnapshotSource source, Consumer<Boolean> done);

  /** The peer's region was taken in by another: it goes, while its data stays. */
  void retire(Peer peer);

  /**
   * The peer's region is covered by another one's snapshot: it goes from memory. Its data and log
   * stay, untouched by it once {@code done} runs.
   */
  void giveWay(Peer peer, Runnable done);

  /** The log of a region whose peer is gone goes too. Any thread. */
  void dropLog(long regionId);

  /** The peer is not a member any more, or its region is gone: it goes, with its data. */
  void destroy(Peer peer);
}
