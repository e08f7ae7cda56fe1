package io.rutile.store.transport;

import io.rutile.proto.raftserverpb.RaftMessage;
import io.rutile.store.snapshot.SnapshotSource;
import java.util.function.Consumer;

/** Sends Raft messages to other stores. Called by store loops; must not block. */
public interface RaftTransport extends AutoCloseable {
  /**
   * Queues the message for {@code message.getToPeer().getStoreId()}. It may be lost; with a queue
   * that is full or a link that is down it is dropped.
   *
   * @return false when it was dropped at once
   */
  boolean send(RaftMessage message);

  /** Ends a batch: everything queued may now go out as one frame for each store. */
  void flush();

  /**
   * Streams a snapshot: {@code head} first, then the files of {@code source}.
   *
   * @param done called once, on any thread, with whether the receiver has all of it
   */
  void sendSnapshot(RaftMessage head, SnapshotSource source, Consumer<Boolean> done);

  @Override
  void close();
}
