package io.rutile.bench.load;

import io.rutile.proto.tikvpb.BatchCommandsRequest.Request;
import io.rutile.proto.tikvpb.BatchCommandsResponse.Response;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One closed loop: it sends a frame of requests, waits for all answers, and sends the next. In
 * transactional mode the puts of a frame are each a transaction of its own: prewrite, then commit.
 *
 * <p>Owned by whichever event loop brings its answers; the count of answers that are due passes it
 * on when there are several.
 */
final class Lane {
  private final int number;
  private final LoadRun run;
  private final KeyChooser chooser;
  private final Operation[] operations;
  private final byte[][] keys;
  private final long[] startTs;
  private final boolean[] prewritten;
  private final AtomicInteger due = new AtomicInteger();
  private boolean committing;
  private long sentNanos;

  Lane(int number, LoadRun run, KeyChooser chooser) {
    this.number = number;
    this.run = run;
    this.chooser = chooser;
    int batch = run.config().batch();
    this.operations = new Operation[batch];
    this.keys = new byte[batch][];
    this.startTs = new long[batch];
    this.prewritten = new boolean[batch];
  }

  /** Begins the next frame, unless the run is over. */
  void next() {
    if (run.isOver()) {
      run.laneEnded();
      return;
    }
    for (int slot = 0; slot < operations.length; slot++) {
      operations[slot] = chooser.operation();
      keys[slot] = chooser.key();
      prewritten[slot] = false;
    }
    committing = false;
    sentNanos = System.nanoTime();
    if (run.config().mode() == LoadConfig.Mode.RAW) {
      sendAll(0);
    } else {
      run.timestamps(operations.length, this::sendAll);
    }
  }

  /** An answer came; called on an event loop. */
  void answered(int slot, Response response) {
    switch (run.commands().judge(response)) {
      case DONE -> {
        if (isPrewrite(slot)) {
          prewritten[slot] = true;
        } else {
          run.measurement().done(System.nanoTime() - sentNanos);
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
        run.afterRefresh(() -> sendAgain(slot));
      }
    }
  }

  private boolean isPrewrite(int slot) {
    return run.config().mode() == LoadConfig.Mode.TXN
        && operations[slot] == Operation.PUT
        && !committing;
  }

  private void settle() {
    if (due.decrementAndGet() > 0) {
      return;
    }
    int commits = 0;
    if (!committing) {
      for (boolean waiting : prewritten) {
        commits += waiting ? 1 : 0;
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
    due.set(operations.length);
    Map<String, Frame> frames = new LinkedHashMap<>();
    for (int slot = 0; slot < operations.length; slot++) {
      startTs[slot] = firstTs + slot;
      add(frames, slot, 0);
    }
    send(frames);
  }

  private void sendCommits(long commitTs) {
    Map<String, Frame> frames = new LinkedHashMap<>();
    for (int slot = 0; slot < operations.length; slot++) {
      if (prewritten[slot]) {
        add(frames, slot, commitTs);
      }
    }
    send(frames);
  }

  private void sendAgain(int slot) {
    Map<String, Frame> frames = new LinkedHashMap<>();
    if (committing) {
      run.timestamps(
          1,
          ts -> {
            add(frames, slot, ts);
            send(frames);
          });
    } else {
      add(frames, slot, 0);
      send(frames);
    }
  }

  private void add(Map<String, Frame> frames, int slot, long commitTs) {
    Routes.Route route = run.routes().of(keys[slot]);
    if (route == null) {
      run.afterRefresh(() -> sendAgain(slot));
      return;
    }
    Frame frame = frames.computeIfAbsent(route.address(), address -> new Frame());
    frame.ids.add(BatchStream.id(number, slot));
    Commands commands = run.commands();
    if (run.config().mode() == LoadConfig.Mode.RAW) {
      frame.requests.add(commands.raw(operations[slot], keys[slot], route.context()));
    } else if (committing) {
      frame.requests.add(commands.commit(keys[slot], route.context(), startTs[slot], commitTs));
    } else {
      frame.requests.add(
          commands.txn(operations[slot], keys[slot], route.context(), startTs[slot]));
    }
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
