package io.rutile.txn.storage;

import com.google.protobuf.Message;
import io.rutile.base.clock.Clock;
import io.rutile.base.error.RutileException;
import io.rutile.proto.errorpb.Error;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.ExecDetailsV2;
import io.rutile.proto.kvrpcpb.TimeDetail;
import io.rutile.proto.kvrpcpb.TimeDetailV2;
import io.rutile.txn.command.ConcurrencyView;
import io.rutile.txn.command.ReadCommand;
import io.rutile.txn.command.ReadEnv;
import io.rutile.txn.error.TxnError;
import io.rutile.txn.error.TxnException;
import io.rutile.txn.gate.ReadGuard;
import io.rutile.txn.gate.RegionErrors;
import io.rutile.txn.gate.RegionSnapshot;
import io.rutile.txn.mvcc.ReadStatistics;
import io.rutile.txn.read.Read;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A transactional read as the read pool runs it. Owned by one thread at a time. */
final class TxnRead<R extends Message> implements Read<R> {
  private final ReadCommand<R> command;
  private final ConcurrencyView concurrency;
  private final Clock clock;
  private final @Nullable TxnError refusal;
  private final long arrivedNanos;

  /**
   * @param refusal why the request is to be refused, null when it is not
   */
  TxnRead(
      ReadCommand<R> command,
      ConcurrencyView concurrency,
      Clock clock,
      @Nullable TxnError refusal) {
    this.command = command;
    this.concurrency = concurrency;
    this.clock = clock;
    this.refusal = refusal;
    this.arrivedNanos = clock.monotonicNanos();
  }

  @Override
  public Context context() {
    return command.context();
  }

  @Override
  public ReadGuard guard() {
    return command.guard();
  }

  @Override
  public void beforeSnapshot() {
    if (refusal != null) {
      throw refusal.exception();
    }
    command.beforeSnapshot(concurrency);
  }

  @Override
  public R read(RegionSnapshot snapshot) {
    long flashback = snapshot.flashbackStartTs();
    if (flashback != 0 && Long.compareUnsigned(command.readTs(), flashback) >= 0) {
      throw RegionErrors.flashbackInProgress(snapshot.regionId(), flashback);
    }
    return command.read(
        new TimedEnv(snapshot, new ReadStatistics(), clock, arrivedNanos, clock.monotonicNanos()));
  }

  @Override
  public R regionError(Error error) {
    return command.regionError(error);
  }

  @Override
  public R refused(RutileException refused) {
    if (refused instanceof TxnException e) {
      return command.failure(e);
    }
    throw refused;
  }

  private record TimedEnv(
      RegionSnapshot snapshot,
      ReadStatistics statistics,
      Clock clock,
      long arrivedNanos,
      long startedNanos)
      implements ReadEnv {
    @Override
    public ExecDetailsV2 execDetails() {
      return details(
          statistics, startedNanos - arrivedNanos, clock.monotonicNanos() - startedNanos);
    }
  }

  /** What a response says about the work for it. */
  static ExecDetailsV2 details(ReadStatistics statistics, long waitedNanos, long processedNanos) {
    return ExecDetailsV2.newBuilder()
        .setScanDetailV2(statistics.toScanDetailV2())
        .setTimeDetail(
            TimeDetail.newBuilder()
                .setWaitWallTimeMs(TimeUnit.NANOSECONDS.toMillis(waitedNanos))
                .setProcessWallTimeMs(TimeUnit.NANOSECONDS.toMillis(processedNanos)))
        .setTimeDetailV2(
            TimeDetailV2.newBuilder()
                .setWaitWallTimeNs(waitedNanos)
                .setProcessWallTimeNs(processedNanos))
        .build();
  }
}
