package io.rutile.server.service;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.rutile.base.clock.Clock;
import io.rutile.proto.tikvpb.BatchCommandsResponse;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The write side of one BatchCommands stream: collects answers from whichever threads finish them
 * and writes them in frames of up to {@value #FRAME_ITEMS_MAX}.
 *
 * <p>Answers leave in the order in which they are finished, so a slow item delays nobody. Frames
 * form by themselves: whoever adds the first answer starts a turn, and what is finished until that
 * turn reaches the queue goes along. While the transport is not ready nothing is written; its ready
 * callback starts the next turn.
 *
 * <p>A turn is the work of encoding. Threads whose business is reading do it themselves ({@link
 * #addAll}), which saves a hand-over to another thread for each frame; apply threads, which others
 * wait for, leave it to a response writer ({@link #add}).
 *
 * <p>Threads: answers are added by any thread. A turn runs on one thread at a time; {@code
 * feedbackDueNanos} belongs to the turn.
 */
final class BatchWriter {
  /** Items of one answer frame. */
  static final int FRAME_ITEMS_MAX = 128;

  /** A frame is closed early at this size, so that 128 large scans do not make one huge message. */
  private static final long FRAME_BYTES_MAX = 16L << 20;

  /**
   * Answers that were finished together, at most {@link #FRAME_ITEMS_MAX}.
   *
   * @param health whether the frame is to carry health feedback
   */
  private record Answers(
      List<Long> ids, List<BatchCommandsResponse.Response> responses, boolean health) {}

  private final ServerCallStreamObserver<BatchCommandsResponse> call;
  private final Executor writers;
  private final Clock clock;
  private final LongSupplier transportLoad;
  private final HealthReporter health;
  private final long feedbackIntervalNanos;
  private final RpcMetrics metrics;
  private final IntConsumer written;

  private final Queue<Answers> answers = new ConcurrentLinkedQueue<>();
  private final AtomicInteger turns = new AtomicInteger();
  private volatile @Nullable Status failure;
  private volatile boolean cancelled;
  private volatile boolean completeWhenDrained;
  private boolean ended;
  private long feedbackDueNanos;

  /**
   * @param written told after each turn how many answers left
   */
  BatchWriter(
      ServerCallStreamObserver<BatchCommandsResponse> call,
      ServiceContext context,
      IntConsumer written) {
    this.call = call;
    this.writers = context.responseWriters();
    this.clock = context.clock();
    this.transportLoad = context.transportLoad();
    this.health = context.health();
    this.feedbackIntervalNanos = context.healthFeedbackInterval().toNanos();
    this.metrics = context.metrics();
    this.written = written;
    this.feedbackDueNanos = clock.monotonicNanos();
    call.setOnReadyHandler(this::startTurn);
    call.setOnCancelHandler(this::cancel);
  }

  void add(long id, BatchCommandsResponse.Response response) {
    answers.add(new Answers(List.of(id), List.of(response), false));
    startTurn();
  }

  /** Like {@link #add}, and the frame that carries the answer carries health feedback too. */
  void addWithHealth(long id, BatchCommandsResponse.Response response) {
    answers.add(new Answers(List.of(id), List.of(response), true));
    startTurn();
  }

  /**
   * Adds answers, as many as there are ids, and writes them on the calling thread unless another
   * one is writing already and takes them along. The lists belong to the writer from now on.
   */
  void addAll(List<Long> ids, List<BatchCommandsResponse.Response> responses) {
    for (int from = 0; from < ids.size(); from += FRAME_ITEMS_MAX) {
      int to = Math.min(from + FRAME_ITEMS_MAX, ids.size());
      answers.add(
          to - from == ids.size()
              ? new Answers(ids, responses, false)
              : new Answers(ids.subList(from, to), responses.subList(from, to), false));
    }
    if (turns.getAndIncrement() == 0) {
      turn();
    }
  }

  /** Ends the stream with {@code status}; answers that were not written are dropped. */
  void fail(Status status) {
    failure = status;
    startTurn();
  }

  /** Ends the stream once every answer added so far is written. */
  void complete() {
    completeWhenDrained = true;
    startTurn();
  }

  private void cancel() {
    cancelled = true;
    startTurn();
  }

  private void startTurn() {
    if (turns.getAndIncrement() == 0) {
      writers.execute(this::turn);
    }
  }

  private void turn() {
    int seen;
    do {
      seen = turns.get();
      int count = writeReady();
      if (count > 0) {
        written.accept(count);
      }
    } while (turns.addAndGet(-seen) != 0);
  }

  /** Returns how many answers left the queue. */
  private int writeReady() {
    if (cancelled || ended) {
      return drop();
    }
    Status failed = failure;
    if (failed != null) {
      ended = true;
      call.onError(failed.asRuntimeException());
      return drop();
    }
    int count = 0;
    while (call.isReady() && !answers.isEmpty()) {
      count += writeFrame();
    }
    if (completeWhenDrained && answers.isEmpty()) {
      ended = true;
      call.onCompleted();
    }
    return count;
  }

  private int writeFrame() {
    BatchCommandsResponse.Builder frame = BatchCommandsResponse.newBuilder();
    boolean feedback = false;
    int count = 0;
    long bytes = 0;
    for (Answers next = answers.peek();
        next != null && bytes < FRAME_BYTES_MAX && count + next.ids.size() <= FRAME_ITEMS_MAX;
        next = answers.peek()) {
      answers.remove();
      frame.addAllResponses(next.responses).addAllRequestIds(next.ids);
      feedback |= next.health;
      count += next.ids.size();
      for (BatchCommandsResponse.Response response : next.responses) {
        bytes += response.getSerializedSize();
      }
    }
    long now = clock.monotonicNanos();
    if (feedback || now - feedbackDueNanos >= 0) {
      feedbackDueNanos = now + feedbackIntervalNanos;
      frame.setHealthFeedback(health.next());
    }
    frame
        .setTransportLayerLoad(transportLoad.getAsLong())
        .setTikvSendTimeNs(TimeUnit.MILLISECONDS.toNanos(clock.wallMillis()));
    metrics.responseFrame(count);
    call.onNext(frame.build());
    return count;
  }

  private int drop() {
    int count = 0;
    for (Answers next = answers.poll(); next != null; next = answers.poll()) {
      count += next.ids.size();
    }
    return count;
  }
}
