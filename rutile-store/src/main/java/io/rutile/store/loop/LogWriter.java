package io.rutile.store.loop;

import io.rutile.base.clock.Clock;
import io.rutile.engine.api.RaftLog;
import io.rutile.engine.api.RaftLogBatch;
import io.rutile.proto.eraftpb.Entry;
import io.rutile.store.StoreMetrics;
import io.rutile.store.peer.LogAppend;
import java.util.ArrayList;
import java.util.List;

/**
 * The one writer of the shared Raft log: whatever the loops have handed over since its last turn
 * becomes one write with one fsync, whichever regions it is for. While it waits for the disk the
 * next batch gathers, so batches grow with the load.
 *
 * <p>Owned by: its own thread.
 */
public final class LogWriter implements Agent {
  /** Bytes in one write after which no more commands are taken. */
  private static final long BATCH_BYTES = 4L << 20;

  private final RaftLog log;
  private final RaftLogBatch batch;
  private final Clock clock;
  private final StoreMetrics metrics;
  private final Mailbox<LogCommand> mailbox = new Mailbox<>();
  private final List<LogCommand.Append> written = new ArrayList<>();
  private final List<Runnable> done = new ArrayList<>();

  public LogWriter(RaftLog log, Clock clock, StoreMetrics metrics) {
    this.log = log;
    this.batch = log.newBatch();
    this.clock = clock;
    this.metrics = metrics;
  }

  @Override
  public String name() {
    return "log-writer";
  }

  @Override
  public Mailbox<LogCommand> mailbox() {
    return mailbox;
  }

  @Override
  public boolean turn() {
    LogCommand command = mailbox.poll();
    if (command == null) {
      return false;
    }
    boolean sync = false;
    while (command != null) {
      sync |= gather(command);
      command = batch.sizeBytes() < BATCH_BYTES ? mailbox.poll() : null;
    }
    long started = clock.monotonicNanos();
    log.write(batch, sync);
    metrics.appendLog(clock.monotonicNanos() - started);
    for (LogCommand.Append append : written) {
      append.loop().mailbox().offer(new StoreCommand.Persisted(append.appends()));
    }
    written.clear();
    done.forEach(Runnable::run);
    done.clear();
    return true;
  }

  /** Puts a command into the batch; returns whether somebody counts on it being on disk. */
  private boolean gather(LogCommand command) {
    return switch (command) {
      case LogCommand.Append append -> {
        append.appends().forEach(this::put);
        written.add(append);
        yield true;
      }
      case LogCommand.Compact compact -> {
        batch.compact(compact.regionId(), compact.firstKeptIndex());
        yield false;
      }
      case LogCommand.Remove remove -> {
        batch.remove(remove.regionId());
        done.add(remove.done());
        yield true;
      }
    };
  }

  private void put(LogAppend append) {
    if (append.restartAt() > 0) {
      batch.reset(append.regionId(), append.restartAt());
    }
    if (!append.entries().isEmpty()) {
      List<byte[]> raw = new ArrayList<>(append.entries().size());
      for (Entry entry : append.entries()) {
        raw.add(entry.toByteArray());
      }
      batch.append(append.regionId(), append.entries().getFirst().getIndex(), raw);
    }
    if (append.state() != null) {
      batch.putState(append.regionId(), append.state().toByteArray());
    }
  }
}
