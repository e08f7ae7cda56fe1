package io.rutile.server.service;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.rutile.rpc.channel.ChannelPool;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * Proxies calls for another store: a client that cannot reach a store asks one that it can reach,
 * naming the target in the metadata key {@code tikv-forwarded-host}.
 *
 * <p>A message is asked for on one side when the other side can take it, so a proxied stream is as
 * slow as its slower end and buffers one message.
 *
 * <p>Thread-safe; calls to one target are spread over a bounded number of connections.
 */
final class ForwardingInterceptor implements ServerInterceptor {
  static final Metadata.Key<String> FORWARDED_HOST =
      Metadata.Key.of("tikv-forwarded-host", Metadata.ASCII_STRING_MARSHALLER);

  private final String ownAddress;
  private final ChannelPool channels;
  private final int connectionsPerAddress;
  private final AtomicInteger turns = new AtomicInteger();

  /**
   * @param ownAddress where clients reach this store; calls forwarded to it are served here
   * @param connectionsPerAddress TiKV's {@code server.forward-max-connections-per-address}
   */
  ForwardingInterceptor(String ownAddress, ChannelPool channels, int connectionsPerAddress) {
    this.ownAddress = ownAddress;
    this.channels = channels;
    this.connectionsPerAddress = connectionsPerAddress;
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    String target = headers.get(FORWARDED_HOST);
    if (target == null || ChannelPool.withoutScheme(target).equals(ownAddress)) {
      return next.startCall(call, headers);
    }
    headers.removeAll(FORWARDED_HOST);
    int connection = Math.floorMod(turns.getAndIncrement(), connectionsPerAddress);
    ClientCall<Q, R> onward =
        channels
            .channel(target, connection)
            .newCall(call.getMethodDescriptor(), CallOptions.DEFAULT);
    Answers<Q, R> answers = new Answers<>(call, onward);
    onward.start(answers, headers);
    onward.request(1);
    call.request(1);
    return new Requests<>(onward, answers);
  }

  /** From the caller to the target. */
  private static final class Requests<Q, R> extends ServerCall.Listener<Q> {
    private final ClientCall<Q, R> onward;
    private final Answers<Q, R> answers;

    Requests(ClientCall<Q, R> onward, Answers<Q, R> answers) {
      this.onward = onward;
      this.answers = answers;
    }

    @Override
    public void onMessage(Q message) {
      onward.sendMessage(message);
      answers.requests.sent();
    }

    @Override
    public void onHalfClose() {
      onward.halfClose();
    }

    @Override
    public void onCancel() {
      onward.cancel("the caller cancelled", null);
    }

    @Override
    public void onReady() {
      answers.responses.ready();
    }
  }

  /** From the target to the caller. */
  private static final class Answers<Q, R> extends ClientCall.Listener<R> {
    private final ServerCall<Q, R> call;
    final Pace requests;
    final Pace responses;

    Answers(ServerCall<Q, R> call, ClientCall<Q, R> onward) {
      this.call = call;
      this.requests = new Pace(onward::isReady, () -> call.request(1));
      this.responses = new Pace(call::isReady, () -> onward.request(1));
    }

    @Override
    public void onHeaders(Metadata headers) {
      call.sendHeaders(headers);
    }

    @Override
    public void onMessage(R message) {
      call.sendMessage(message);
      responses.sent();
    }

    @Override
    public void onReady() {
      requests.ready();
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      if (!call.isCancelled()) {
        call.close(status, trailers);
      }
    }
  }

  /** Asks for the next message of one direction when its receiving end can take one. */
  private static final class Pace {
    private final BooleanSupplier receiverReady;
    private final Runnable askNext;
    private boolean owed;

    Pace(BooleanSupplier receiverReady, Runnable askNext) {
      this.receiverReady = receiverReady;
      this.askNext = askNext;
    }

    synchronized void sent() {
      // Owed before the question: an end that becomes ready in between calls ready() afterwards.
      owed = true;
      if (receiverReady.getAsBoolean()) {
        ready();
      }
    }

    synchronized void ready() {
      if (owed) {
        owed = false;
        askNext.run();
      }
    }
  }
}
