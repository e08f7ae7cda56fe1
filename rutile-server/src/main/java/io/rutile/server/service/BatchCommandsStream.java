package io.rutile.server.service;

import com.google.protobuf.Message;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.GetHealthFeedbackResponse;
import io.rutile.proto.kvrpcpb.GetRequest;
import io.rutile.proto.kvrpcpb.GetResponse;
import io.rutile.proto.kvrpcpb.RawGetRequest;
import io.rutile.proto.kvrpcpb.RawGetResponse;
import io.rutile.proto.tikvpb.BatchCommandsEmptyRequest;
import io.rutile.proto.tikvpb.BatchCommandsEmptyResponse;
import io.rutile.proto.tikvpb.BatchCommandsRequest;
import io.rutile.proto.tikvpb.BatchCommandsRequest.Request;
import io.rutile.proto.tikvpb.BatchCommandsResponse;
import io.rutile.proto.tikvpb.BatchCommandsResponse.Response;
import io.rutile.txn.storage.BatchSink;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The read side of one BatchCommands stream: a multiplexer of independent requests, each answered
 * under its id in any order.
 *
 * <p>The point gets of a frame are handed over together, so that those of one region share a
 * snapshot and a task. Everything else is one request, one answer. A stream with {@value
 * #IN_FLIGHT_MAX} requests unanswered is not read until half of them are answered, so a client that
 * does not read its answers cannot fill the server's memory.
 *
 * <p>Threads: the transport calls {@link #onNext} from one thread at a time and is never blocked;
 * answers come from any thread and leave through the {@link BatchWriter}.
 *
 * <p>Invariant: each request id of a frame is answered exactly once, unless the stream ends.
 */
final class BatchCommandsStream implements StreamObserver<BatchCommandsRequest> {
  /** Requests that may be unanswered before the stream is not read any more. */
  static final int IN_FLIGHT_MAX = 1 << 15;

  private final ServerCallStreamObserver<BatchCommandsResponse> call;
  private final Storage storage;
  private final Commands commands;
  private final ServiceContext context;
  private final BatchWriter writer;
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicBoolean paused = new AtomicBoolean();
  private volatile boolean halfClosed;
  private boolean refused;

  BatchCommandsStream(
      ServerCallStreamObserver<BatchCommandsResponse> call,
      Storage storage,
      Commands commands,
      ServiceContext context) {
    this.call = call;
    this.storage = storage;
    this.commands = commands;
    this.context = context;
    this.writer = new BatchWriter(call, context, this::onWritten);
    call.disableAutoRequest();
    call.request(1);
  }

  @Override
  public void onNext(BatchCommandsRequest frame) {
    if (refused) {
      return;
    }
    int count = Math.min(frame.getRequestsCount(), frame.getRequestIdsCount());
    inFlight.addAndGet(count);
    Frame work = new Frame(frame, context.clock().monotonicNanos());
    for (int i = 0; i < count; i++) {
      work.take(i);
      if (refused) {
        return;
      }
    }
    work.handOverGets();
    context.metrics().requestFrame(count);
    readOn();
  }

  @Override
  public void onError(Throwable failure) {
    // The call is cancelled: the writer's cancel handler drops what is left.
  }

  @Override
  public void onCompleted() {
    halfClosed = true;
    completeWhenAnswered();
  }

  private void readOn() {
    if (inFlight.get() < IN_FLIGHT_MAX) {
      call.request(1);
      return;
    }
    paused.set(true);
    resumeWhenDrained();
  }

  private void onWritten(int count) {
    inFlight.addAndGet(-count);
    resumeWhenDrained();
    completeWhenAnswered();
  }

  private void resumeWhenDrained() {
    if (paused.get() && inFlight.get() < IN_FLIGHT_MAX / 2 && paused.compareAndSet(true, false)) {
      call.request(1);
    }
  }

  private void completeWhenAnswered() {
    if (halfClosed && inFlight.get() == 0) {
      writer.complete();
    }
  }

  /** One frame being handed out. Used by the thread that read it; its sinks by any thread. */
  private final class Frame {
    private final BatchCommandsRequest frame;
    private final long beginNanos;
    private @Nullable Gets<GetRequest, GetResponse> gets;
    private @Nullable Gets<RawGetRequest, RawGetResponse> rawGets;

    Frame(BatchCommandsRequest frame, long beginNanos) {
      this.frame = frame;
      this.beginNanos = beginNanos;
    }

    void take(int index) {
      long id = frame.getRequestIds(index);
      Request item = frame.getRequests(index);
      switch (item.getCmdCase()) {
        case GET -> {
          if (accepts(item.getGet().getContext())) {
            gets =
                gets == null
                    ? new Gets<>(commands.get, frame.getRequestsCount(), beginNanos)
                    : gets;
            gets.add(id, item.getGet());
          }
        }
        case RAWGET -> {
          if (accepts(item.getRawGet().getContext())) {
            rawGets =
                rawGets == null
                    ? new Gets<>(commands.rawGet, frame.getRequestsCount(), beginNanos)
                    : rawGets;
            rawGets.add(id, item.getRawGet());
          }
        }
        case CMD_NOT_SET -> writer.add(id, Response.getDefaultInstance());
        case EMPTY -> answerEmpty(id, item.getEmpty());
        case GETHEALTHFEEDBACK -> {
          if (accepts(item.getGetHealthFeedback().getContext())) {
            answerHealth(id);
          }
        }
        default -> {
          Command<?, ?> command = commands.of(item.getCmdCase());
          if (command == null) {
            writer.add(id, UnsupportedItems.answer(item.getCmdCase()));
          } else {
            serve(command, id, item);
          }
        }
      }
    }

    void handOverGets() {
      if (gets != null) {
        storage.txn().getAll(gets.requests, gets);
      }
      if (rawGets != null) {
        storage.raw().getAll(rawGets.requests, rawGets);
      }
    }

    private <Q extends Message, R extends Message> void serve(
        Command<Q, R> command, long id, Request item) {
      Q request = command.unwrap().apply(item);
      if (!accepts(command.context().apply(request))) {
        return;
      }
      command
          .start(request)
          .whenComplete((response, failure) -> {
            command.metrics().served(beginNanos, failure);
            writer.add(id, command.item(failure == null ? response : command.failed(failure)));
          });
    }

    private boolean accepts(Context of) {
      Status refusal = context.cluster().refusal(of);
      if (refusal == null) {
        return true;
      }
      refused = true;
      writer.fail(refusal);
      return false;
    }
  }

  /** The point gets of one frame: the sink that answers each under its id. */
  private final class Gets<Q extends Message, R extends Message> implements BatchSink<R> {
    private final Command<Q, R> command;
    private final long beginNanos;
    private final List<Q> requests;
    private final long[] ids;

    Gets(Command<Q, R> command, int capacity, long beginNanos) {
      this.command = command;
      this.requests = new ArrayList<>(capacity);
      this.ids = new long[capacity];
      this.beginNanos = beginNanos;
    }

    void add(long id, Q request) {
      ids[requests.size()] = id;
      requests.add(request);
    }

    @Override
    public void accept(int[] indexes, List<R> responses) {
      command.metrics().served(beginNanos, indexes.length);
      List<Long> answered = new ArrayList<>(indexes.length);
      List<Response> items = new ArrayList<>(indexes.length);
      for (int i = 0; i < indexes.length; i++) {
        answered.add(ids[indexes[i]]);
        items.add(command.item(responses.get(i)));
      }
      writer.addAll(answered, items);
    }
  }

  private void answerEmpty(long id, BatchCommandsEmptyRequest request) {
    Response answer =
        Response.newBuilder()
            .setEmpty(BatchCommandsEmptyResponse.newBuilder().setTestId(request.getTestId()))
            .build();
    if (request.getDelayTime() == 0) {
      writer.add(id, answer);
    } else {
      context
          .delays()
          .after(
              TimeUnit.MILLISECONDS.toNanos(request.getDelayTime()), () -> writer.add(id, answer));
    }
  }

  private void answerHealth(long id) {
    Response answer =
        Response.newBuilder()
            .setGetHealthFeedback(
                GetHealthFeedbackResponse.newBuilder().setHealthFeedback(context.health().next()))
            .build();
    writer.addWithHealth(id, answer);
  }
}
