package io.rutile.pd.peer;

import io.grpc.CallOptions;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import io.rutile.proto.eraftpb.Message;
import io.rutile.proto.pdmetapb.PdPeerGrpc;
import io.rutile.proto.pdmetapb.PeerAck;
import io.rutile.proto.pdmetapb.PeerFrame;
import io.rutile.rpc.channel.ChannelPool;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stream of messages to one member at one address. It is opened by the first message, and by
 * the first one some time after it broke. State is guarded by {@code this}.
 */
final class PeerLink {
  private static final Logger LOG = LoggerFactory.getLogger(PeerLink.class);

  /** Messages that wait for the stream; when full, further ones are lost. */
  private static final int QUEUE_MAX = 4_096;

  private static final int FRAME_BYTES_MAX = 8 << 20;
  private static final long RETRY_MILLIS = 200;

  private final long memberId;
  private final String address;
  private final long groupId;
  private final ChannelPool channels;
  private final Runnable unreachable;
  private final ArrayDeque<Message> queue = new ArrayDeque<>();
  private @Nullable Frames frames;
  private boolean waitingToRetry;
  private boolean reported;
  private boolean closed;

  PeerLink(
      long memberId, String address, long groupId, ChannelPool channels, Runnable unreachable) {
    this.memberId = memberId;
    this.address = address;
    this.groupId = groupId;
    this.channels = channels;
    this.unreachable = unreachable;
  }

  String address() {
    return address;
  }

  /** Queues the message and sends what the stream takes. Whether it was queued. */
  synchronized boolean send(Message message) {
    if (closed || waitingToRetry || queue.size() >= QUEUE_MAX) {
      return false;
    }
    queue.add(message);
    if (frames == null) {
      open();
    }
    flush();
    return true;
  }

  private void open() {
    Frames opened = new Frames();
    frames = opened;
    ClientCalls.asyncClientStreamingCall(
        channels.channel(address).newCall(PdPeerGrpc.getSendMethod(), CallOptions.DEFAULT), opened);
  }

  private synchronized void flush() {
    Frames open = frames;
    if (open == null) {
      return;
    }
    while (!queue.isEmpty() && open.requests.isReady()) {
      PeerFrame.Builder frame = PeerFrame.newBuilder().setGroupId(groupId);
      int bytes = 0;
      while (!queue.isEmpty() && bytes < FRAME_BYTES_MAX) {
        Message message = queue.remove();
        bytes += message.getSerializedSize();
        frame.addMessages(message);
      }
      open.requests.onNext(frame.build());
      reported = false;
    }
  }

  private void broken(Frames source, String reason) {
    synchronized (this) {
      if (closed || source != frames) {
        return;
      }
      frames = null;
      queue.clear();
      waitingToRetry = true;
      if (!reported) {
        reported = true;
        LOG.info("link to PD member {} broke: {}: {}", memberId, address, reason);
      }
    }
    unreachable.run();
    CompletableFuture.delayedExecutor(RETRY_MILLIS, TimeUnit.MILLISECONDS).execute(this::mayRetry);
  }

  private synchronized void mayRetry() {
    waitingToRetry = false;
  }

  synchronized void close() {
    closed = true;
    queue.clear();
    if (frames != null) {
      frames.requests.cancel("the member closes", null);
      frames = null;
    }
  }

  /** One stream. */
  private final class Frames implements ClientResponseObserver<PeerFrame, PeerAck> {
    @SuppressWarnings("NullAway.Init") // set by beforeStart, which precedes every use
    ClientCallStreamObserver<PeerFrame> requests;

    @Override
    public void beforeStart(ClientCallStreamObserver<PeerFrame> stream) {
      requests = stream;
      stream.setOnReadyHandler(PeerLink.this::flush);
    }

    @Override
    public void onNext(PeerAck ack) {}

    @Override
    public void onError(Throwable failure) {
      broken(this, String.valueOf(failure.getMessage()));
    }

    @Override
    public void onCompleted() {
      broken(this, "ended by the member");
    }
  }
}
