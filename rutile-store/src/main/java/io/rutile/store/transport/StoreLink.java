package io.rutile.store.transport;

import io.grpc.CallOptions;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import io.rutile.proto.raftserverpb.Done;
import io.rutile.proto.raftserverpb.RaftMessage;
import io.rutile.proto.tikvpb.BatchRaftMessage;
import io.rutile.proto.tikvpb.TikvGrpc;
import io.rutile.rpc.channel.ChannelPool;
import io.rutile.store.heartbeat.PdGateway;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stream of messages to one store. It is opened by the first message, and again some time after
 * it broke; the address comes from PD each time, since a store may move. State is guarded by {@code
 * this}; nothing blocks under the lock.
 */
final class StoreLink {
  private static final Logger LOG = LoggerFactory.getLogger(StoreLink.class);

  /** Messages that wait for a link; about as many as a loop turn makes for thousands of regions. */
  private static final int QUEUE_MAX = 16_384;

  private static final int FRAME_MESSAGES_MAX = 256;
  private static final int FRAME_BYTES_MAX = 8 << 20;
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private enum State {
    IDLE,
    CONNECTING,
    OPEN,
    CLOSED
  }

  private final long storeId;
  private final ChannelPool channels;
  private final PdGateway pd;
  private final LongConsumer unreachable;
  private final ArrayDeque<RaftMessage> queue = new ArrayDeque<>();
  private State state = State.IDLE;
  private @Nullable Frames frames;
  private boolean waitingToRetry;

  /** Whether the log says that the link is broken: each outage is told once. */
  private boolean brokenTold;

  StoreLink(long storeId, ChannelPool channels, PdGateway pd, LongConsumer unreachable) {
    this.storeId = storeId;
    this.channels = channels;
    this.pd = pd;
    this.unreachable = unreachable;
  }

  synchronized boolean offer(RaftMessage message) {
    if (state == State.CLOSED || waitingToRetry || queue.size() >= QUEUE_MAX) {
      return false;
    }
    queue.add(message);
    if (state == State.IDLE) {
      connect();
    }
    return true;
  }

  private synchronized void onReady() {
    if (brokenTold) {
      brokenTold = false;
      LOG.info("link to store {} is whole again", storeId);
    }
    flush();
  }

  /** Sends what is queued, as far as the stream takes it; the rest goes when it is ready again. */
  synchronized void flush() {
    Frames open = frames;
    if (state != State.OPEN || open == null) {
      return;
    }
    while (!queue.isEmpty() && open.requests().isReady()) {
      BatchRaftMessage.Builder frame = BatchRaftMessage.newBuilder();
      int bytes = 0;
      while (!queue.isEmpty()
          && frame.getMsgsCount() < FRAME_MESSAGES_MAX
          && bytes < FRAME_BYTES_MAX) {
        RaftMessage message = queue.remove();
        bytes += message.getSerializedSize();
        frame.addMsgs(message);
      }
      open.requests().onNext(frame.build());
    }
  }

  /** The store's address as PD knows it now. */
  CompletableFuture<String> address() {
    return pd.store(storeId)
        .toCompletableFuture()
        .thenApply(store ->
            store.getPeerAddress().isEmpty() ? store.getAddress() : store.getPeerAddress());
  }

  synchronized void close() {
    state = State.CLOSED;
    queue.clear();
    if (frames != null) {
      frames.requests().cancel("store closes", null);
      frames = null;
    }
  }

  private void connect() {
    state = State.CONNECTING;
    address()
        .whenComplete((address, failure) -> {
          if (failure != null) {
            broken(null, "PD does not know its address: " + failure.getMessage());
          } else {
            open(address);
          }
        });
  }

  private void open(String address) {
    Frames opened = new Frames(address);
    ClientCalls.asyncClientStreamingCall(
        channels.channel(address).newCall(TikvGrpc.getBatchRaftMethod(), CallOptions.DEFAULT),
        opened);
    synchronized (this) {
      if (opened.ended || state != State.CONNECTING) {
        return;
      }
      frames = opened;
      state = State.OPEN;
      flush();
    }
  }

  private void broken(@Nullable Frames source, String reason) {
    synchronized (this) {
      if (state == State.CLOSED || (source != null && frames != null && frames != source)) {
        return;
      }
      frames = null;
      queue.clear();
      state = State.IDLE;
      waitingToRetry = true;
      if (!brokenTold) {
        brokenTold = true;
        LOG.info("link to store {} broke: {}", storeId, reason);
      }
    }
    unreachable.accept(storeId);
    CompletableFuture.delayedExecutor(RETRY_NANOS, TimeUnit.NANOSECONDS).execute(this::mayRetry);
  }

  private synchronized void mayRetry() {
    waitingToRetry = false;
  }

  /** One stream. */
  private final class Frames implements ClientResponseObserver<BatchRaftMessage, Done> {
    private final String address;
    private @Nullable ClientCallStreamObserver<BatchRaftMessage> requests;
    volatile boolean ended;

    Frames(String address) {
      this.address = address;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<BatchRaftMessage> stream) {
      requests = stream;
      stream.setOnReadyHandler(StoreLink.this::onReady);
    }

    ClientCallStreamObserver<BatchRaftMessage> requests() {
      ClientCallStreamObserver<BatchRaftMessage> started = requests;
      if (started == null) {
        throw new IllegalStateException("the stream to " + address + " is not started");
      }
      return started;
    }

    @Override
    public void onNext(Done done) {}

    @Override
    public void onError(Throwable failure) {
      ended = true;
      broken(this, address + ": " + failure.getMessage());
    }

    @Override
    public void onCompleted() {
      ended = true;
      broken(this, address + " ended the stream");
    }
  }
}
