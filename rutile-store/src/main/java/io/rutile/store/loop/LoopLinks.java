package io.rutile.store.loop;

import io.rutile.proto.raftserverpb.RaftMessage;
import io.rutile.store.apply.ApplyCommand;
import io.rutile.store.transport.RaftTransport;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * The mailboxes that a store loop writes to. Regions are spread over loops and apply workers by id.
 *
 * @param send queues a message for another store
 * @param flush lets queued messages go
 * @param transport streams snapshots
 * @param compactLog forgets log entries after a sync of the engine
 * @param onTick runs after each tick, with the loop's index
 */
public record LoopLinks(
    List<Mailbox<StoreCommand>> loops,
    List<Mailbox<ApplyCommand>> applies,
    Mailbox<LogCommand> logWriter,
    PeerStarts starts,
    Consumer<RaftMessage> send,
    Runnable flush,
    RaftTransport transport,
    Consumer<LogCommand.Compact> compactLog,
    IntConsumer onTick) {

  public Mailbox<StoreCommand> loopOf(long regionId) {
    return loops.get((int) Long.remainderUnsigned(regionId, loops.size()));
  }

  public Mailbox<ApplyCommand> applyOf(long regionId) {
    return applies.get((int) Long.remainderUnsigned(regionId, applies.size()));
  }
}
