package io.rutile.bench.load;

import io.rutile.proto.kvrpcpb.PrewriteResponse;
import io.rutile.proto.tikvpb.BatchCommandsRequest.Request;
import io.rutile.proto.tikvpb.BatchCommandsResponse.Response;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One closed loop: it sends a frame of requests, waits for all answers, and sends the next. In
 * transactional mode the puts of a frame are each a transaction of its own. It is done when its
 * client would know that it is committed: after the commit, or, when the store could commit in one
 * phase or asynchronously, after the prewrite; the commits that then remain nobody waits for.
 *
 * <p>Owned by whichever event loop brings its answers; the count of answers that are due passes it
 * on when there are several.
 */
final class Lane {
  /** Stands for the slot in the ids of requests whose answers nobody waits for. */
  private static final int NO_SLOT = (1 << 16) - 1;

  /** What one slot of the frame is about. */
  private static final class Slot {
    private Operation operation = Operation.GET;
    private byte[][] keys = {};
    private long startTs;

    /** It is to be committed in a second round. */
    private boolean prewritten;
  }

  private final int number;
  private final LoadRun run;
  private final KeyChooser chooser;
  private final Slot[] slots;
  private final AtomicInteger due = new AtomicInteger();
  private boolean committing;
  private long sentNanos;

  Lane(int number, LoadRun run, KeyChooser chooser) {
    this.number = number;
    this.run = run;
    this.chooser = chooser;
    this.slots = new Slot[run.config().batch()];
    Arrays.setAll(slots, i -> new Slot());
  }

  /** Begins the next frame, unless the run is over. */
  void next() {
    if (run.isOver()) {
      run.laneEnded();
      return;
    }
    for (Slot slot : slots) {
      slot.operation = chooser.operation();
      slot.keys = chooser.keys(slot.operation == Operation.PUT ? run.config().keysOfPut() : 1);
      slot.prewritten = false;
    }
    committing = false;
    sentNanos = System.nanoTime();
    if (isTransactional()) {
      run.timestamps(slots.length, this::sendAll);
    } else {
      sendAll(0);
    }
  }

  private boolean isTransactional() {
    return run.config().mode() == LoadConfig.Mode.TXN;
  }

  /** An answer came; called on an event loop. */
  void answered(int number, Response response) {
    Commands.Verdict verdict = run.commands().judge(response);
    if (number == NO_SLOT) {
      if (verdict != Commands.Verdict.DONE) {
        run.measurement().failed();
      }
      return;
    }
    switch (verdict) {
      case DONE -> {
        if (response.hasPrewrite()) {
          prewritten(slots[number], response.getPrewrite());
        } else {
          done();
        }
        settle();
      }
      case CONFLICT -> {
        run.measurement().retried();
        settle();
      }
      case FAILED -> {
        run.measurement().failed();
        settle();
      }
      case REROUTE -> {
        run.measurement().retried();
        run.afterRefresh(() -> sendAgain(number));
      }
    }
  }

  private void done() {
    run.measurement().done(System.nanoTime() - sentNanos);
  }

  private void prewritten(Slot slot, PrewriteResponse response) {
    if (response.getOnePcCommitTs() != 0) {
      done();
    } else if (run.config().commit() == LoadConfig.Commit.ASYNC && response.getMinCommitTs() != 0) {
      done();
      commitLater(slot, response.getMinCommitTs());
    } else {
      slot.prewritten = true;
    }
  }

  /** Turns the locks of a committed transaction into records. */
  private void commitLater(Slot slot, long commitTs) {
    Routes.Route route = run.routes().of(slot.keys[0]);
    if (route != null) {
      Request commit = run.commands().commit(slot.keys, route.context(), slot.startTs, commitTs);
      run.stream(route.address(), number)
          .send(List.of(commit), List.of(BatchStream.id(number, NO_SLOT)));
    }
  }

  private void settle() {
    if (due.decrementAndGet() > 0) {
      return;
    }
    int commits = 0;
    if (!committing) {
      for (Slot slot : slots) {
        commits += slot.prewritten ? 1 : 0;
      }
    }
    if (commits == 0) {
      next();
      return;
    }
    committing = true;
    due.set(commits);
    run.timestamps(1, this::sendCommits);
  }

  private void sendAll(long firstTs) {
    due.set(slots.length);
    Map<String, Frame> frames = new LinkedHashMap<>();
    for (int number = 0; number < slots.length; number++) {
      slots[number].startTs = firstTs + number;
      add(frames, number, 0);
    }
    send(frames);
  }

  private void sendCommits(long commitTs) {
    Map<String, Frame> frames = new LinkedHashMap<>();
    for (int number = 0; number < slots.length; number++) {
      if (slots[number].prewritten) {
        add(frames, number, commitTs);
      }
    }
    send(frames);
  }

  private void sendAgain(int number) {
    Map<String, Frame> frames = new LinkedHashMap<>();
    if (committing) {
      run.timestamps(
          1,
          ts -> {
            add(frames, number, ts);
            send(frames);
          });
    } else {
      add(frames, number, 0);
      send(frames);
    }
  }

  private void add(Map<String, Frame> frames, int number, long commitTs) {
    Slot slot = slots[number];
    Routes.Route route = run.routes().of(slot.keys[0]);
    if (route == null) {
      run.afterRefresh(() -> sendAgain(number));
      return;
    }
    Frame frame = frames.computeIfAbsent(route.address(), address -> new Frame());
    frame.ids.add(BatchStream.id(this.number, number));
    frame.requests.add(request(slot, route, commitTs));
  }

  private Request request(Slot slot, Routes.Route route, long commitTs) {
    Commands commands = run.commands();
    if (!isTransactional()) {
      return commands.raw(slot.operation, slot.keys[0], route.context());
    }
    if (slot.operation != Operation.PUT) {
      return commands.read(slot.operation, slot.keys[0], route.context(), slot.startTs);
    }
    if (committing) {
      return commands.commit(slot.keys, route.context(), slot.startTs, commitTs);
    }
    slot.keys = run.routes().within(route, slot.keys);
    return commands.prewrite(slot.keys, route.context(), slot.startTs);
  }

  private void send(Map<String, Frame> frames) {
    frames.forEach((address, frame) -> run.stream(address, number).send(frame.requests, frame.ids));
  }

  /** Requests to one store. */
  private static final class Frame {
    private final List<Request> requests = new ArrayList<>();
    private final List<Long> ids = new ArrayList<>();
  }
}
