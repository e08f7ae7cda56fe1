package io.rutile.rpc.server;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.function.BooleanSupplier;

/**
 * Hands a call that came in to another server, whatever its kind, and its answers back.
 *
 * <p>A message is asked for on one side when the other side can take it, so a proxied stream is as
 * slow as its slower end and buffers one message.
 */
public final class CallProxy {
  private CallProxy() {}

  /**
   * Starts the call on {@code target} with {@code headers}.
   *
   * @return what an interceptor returns for the call
   */
  public static <Q, R> ServerCall.Listener<Q> start(
      ServerCall<Q, R> call, Metadata headers, Channel target) {
    ClientCall<Q, R> onward = target.newCall(call.getMethodDescriptor(), CallOptions.DEFAULT);
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
