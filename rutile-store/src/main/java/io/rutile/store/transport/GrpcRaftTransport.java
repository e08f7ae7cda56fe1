package io.rutile.store.transport;

import io.rutile.proto.raftserverpb.RaftMessage;
import io.rutile.rpc.channel.ChannelPool;
import io.rutile.store.heartbeat.PdGateway;
import io.rutile.store.snapshot.SnapshotSource;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * Raft over gRPC: one {@code BatchRaft} stream to each store that carries the messages of all
 * regions, and a stream of its own for each snapshot. Messages queue per link and go out in one
 * frame at {@link #flush()}; a link that is down or whose queue is full drops them, since Raft
 * sends again.
 *
 * <p>Called by store loops; nothing here blocks. Snapshots are read and sent by virtual threads;
 * how many at a time is the limit of whoever asks for them.
 */
public final class GrpcRaftTransport implements RaftTransport {
  private final ChannelPool channels;
  private final PdGateway pd;
  private final LongConsumer unreachable;
  private final ConcurrentHashMap<Long, StoreLink> links = new ConcurrentHashMap<>();
  private final ExecutorService senders =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("snap-send-", 0).factory());
  private final long snapshotBytesPerSecond;

  /**
   * @param channels belongs to the caller
   * @param snapshotBytesPerSecond limit for each snapshot that is sent, {@code
   *     server.snap-io-max-bytes-per-sec}
   * @param unreachable told the id of a store whose link broke
   */
  public GrpcRaftTransport(
      ChannelPool channels, PdGateway pd, long snapshotBytesPerSecond, LongConsumer unreachable) {
    this.channels = channels;
    this.pd = pd;
    this.snapshotBytesPerSecond = snapshotBytesPerSecond;
    this.unreachable = unreachable;
  }

  @Override
  public boolean send(RaftMessage message) {
    return link(message.getToPeer().getStoreId()).offer(message);
  }

  @Override
  public void flush() {
    links.values().forEach(StoreLink::flush);
  }

  @Override
  public void sendSnapshot(RaftMessage head, SnapshotSource source, Consumer<Boolean> done) {
    StoreLink link = link(head.getToPeer().getStoreId());
    senders.execute(() -> {
      boolean sent = false;
      try (source) {
        sent = new SnapshotSend(channels, link, snapshotBytesPerSecond).run(head, source);
      } finally {
        done.accept(sent);
      }
    });
  }

  @Override
  public void close() {
    senders.shutdownNow();
    links.values().forEach(StoreLink::close);
  }

  private StoreLink link(long storeId) {
    StoreLink link = links.get(storeId);
    return link != null
        ? link
        : links.computeIfAbsent(storeId, id -> new StoreLink(id, channels, pd, unreachable));
  }
}
