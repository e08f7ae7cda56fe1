package io.rutile.verify.cluster;

import com.google.protobuf.ByteString;
import io.rutile.base.codec.KeyCodec;
import io.rutile.base.codec.TimeStamp;
import io.rutile.proto.errorpb.Error;
import io.rutile.proto.kvrpcpb.CheckTxnStatusRequest;
import io.rutile.proto.kvrpcpb.CheckTxnStatusResponse;
import io.rutile.proto.kvrpcpb.CommitRequest;
import io.rutile.proto.kvrpcpb.CommitResponse;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.GetRequest;
import io.rutile.proto.kvrpcpb.GetResponse;
import io.rutile.proto.kvrpcpb.KeyError;
import io.rutile.proto.kvrpcpb.LockInfo;
import io.rutile.proto.kvrpcpb.Mutation;
import io.rutile.proto.kvrpcpb.Op;
import io.rutile.proto.kvrpcpb.PrewriteRequest;
import io.rutile.proto.kvrpcpb.PrewriteResponse;
import io.rutile.proto.kvrpcpb.ResolveLockRequest;
import io.rutile.txn.storage.TxnKv;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The steps of a two-phase commit and of the resolution of locks, each to one region. */
final class TxnCalls {
  private static final long LOCK_TTL_MILLIS = 3_000;
  private static final long LOCK_WAIT_NANOS = 500 * SimWorld.MILLI;

  /** The client gave up: nothing is known of the step. */
  static final class GivenUp extends RuntimeException {
    GivenUp() {
      super("no answer in time", null, false, false);
    }
  }

  /** The transaction cannot commit any more. */
  static final class Refused extends RuntimeException {
    Refused(String reason) {
      super(reason, null, false, false);
    }
  }

  private final SimWorld world;
  private final Fiber self;

  TxnCalls(SimWorld world, Fiber self) {
    this.world = world;
    this.self = self;
  }

  Optional<String> get(String key, long timestamp, long untilNanos) {
    while (true) {
      GetResponse response =
          ask(
              regionKey(key),
              untilNanos,
              (txn, context) ->
                  txn.get(
                      GetRequest.newBuilder()
                          .setContext(context)
                          .setKey(ByteString.copyFromUtf8(key))
                          .setVersion(timestamp)
                          .build()),
              a -> a.hasRegionError() ? a.getRegionError() : null);
      if (!response.hasError()) {
        return response.getNotFound()
            ? Optional.empty()
            : Optional.of(response.getValue().toStringUtf8());
      }
      if (!response.getError().hasLocked()) {
        throw new IllegalStateException("a read failed: " + response);
      }
      resolve(response.getError().getLocked(), untilNanos);
    }
  }

  void prewrite(String key, String value, String primary, long startTs, long untilNanos) {
    while (true) {
      PrewriteResponse response =
          ask(
              regionKey(key),
              untilNanos,
              (txn, context) ->
                  txn.prewrite(
                      PrewriteRequest.newBuilder()
                          .setContext(context)
                          .addMutations(
                              Mutation.newBuilder()
                                  .setOp(Op.Put)
                                  .setKey(ByteString.copyFromUtf8(key))
                                  .setValue(ByteString.copyFromUtf8(value)))
                          .setPrimaryLock(ByteString.copyFromUtf8(primary))
                          .setStartVersion(startTs)
                          .setLockTtl(LOCK_TTL_MILLIS)
                          .setTxnSize(2)
                          .build()),
              a -> a.hasRegionError() ? a.getRegionError() : null);
      if (response.getErrorsCount() == 0) {
        return;
      }
      KeyError error = response.getErrors(0);
      if (!error.hasLocked()) {
        if (error.hasConflict()) {
          world.probes.hit("write conflict");
        }
        throw new Refused(error.toString());
      }
      resolve(error.getLocked(), untilNanos);
    }
  }

  /** Commits one key; {@link Refused} when the transaction was rolled back by somebody else. */
  void commit(String key, long startTs, long commitTs, long untilNanos) {
    CommitResponse response =
        ask(
            regionKey(key),
            untilNanos,
            (txn, context) ->
                txn.commit(
                    CommitRequest.newBuilder()
                        .setContext(context)
                        .addKeys(ByteString.copyFromUtf8(key))
                        .setStartVersion(startTs)
                        .setCommitVersion(commitTs)
                        .build()),
            a -> a.hasRegionError() ? a.getRegionError() : null);
    if (response.hasError()) {
      throw new Refused(response.getError().toString());
    }
  }

  /** What became of a transaction, which is rolled back when it has not committed: 0 then. */
  long settle(String primary, long startTs, long untilNanos) {
    return status(primary, startTs, TimeStamp.MAX, untilNanos).getCommitVersion();
  }

  private CheckTxnStatusResponse status(
      String primary, long startTs, long currentTs, long untilNanos) {
    CheckTxnStatusResponse response =
        ask(
            regionKey(primary),
            untilNanos,
            (txn, context) ->
                txn.checkTxnStatus(
                    CheckTxnStatusRequest.newBuilder()
                        .setContext(context)
                        .setPrimaryKey(ByteString.copyFromUtf8(primary))
                        .setLockTs(startTs)
                        .setCallerStartTs(0)
                        .setCurrentTs(currentTs)
                        .setRollbackIfNotExist(true)
                        .build()),
            a -> a.hasRegionError() ? a.getRegionError() : null);
    if (response.hasError()) {
      throw new IllegalStateException("a status could not be told: " + response);
    }
    return response;
  }

  /** Waits for a lock, or clears it away once its transaction has ended or is too old. */
  private void resolve(LockInfo lock, long untilNanos) {
    if (world.now() >= untilNanos) {
      throw new GivenUp();
    }
    CheckTxnStatusResponse status =
        status(
            lock.getPrimaryLock().toStringUtf8(),
            lock.getLockVersion(),
            world.cluster.pd().timestamp(),
            untilNanos);
    if (status.getLockTtl() > 0) {
      world.sleep(self, LOCK_WAIT_NANOS);
      return;
    }
    boolean committed = status.getCommitVersion() > 0;
    world.probes.hit(committed ? "lock resolved by commit" : "lock resolved by rollback");
    ask(
        KeyCodec.encode(lock.getKey().toByteArray()),
        untilNanos,
        (txn, context) ->
            txn.resolveLock(
                ResolveLockRequest.newBuilder()
                    .setContext(context)
                    .setStartVersion(lock.getLockVersion())
                    .setCommitVersion(status.getCommitVersion())
                    .addKeys(lock.getKey())
                    .build()),
        a -> a.hasRegionError() ? a.getRegionError() : null);
  }

  private static byte[] regionKey(String key) {
    return KeyCodec.encode(ByteString.copyFromUtf8(key).toByteArray());
  }

  /**
   * Asks the leader of a key's region until it answers.
   *
   * @throws GivenUp when the time is over before
   */
  private <A> A ask(
      byte[] key,
      long untilNanos,
      BiFunction<TxnKv, Context, CompletionStage<A>> request,
      Function<A, @Nullable Error> regionError) {
    A answer =
        world
            .call(
                self,
                key,
                untilNanos,
                true,
                (storage, context) -> request.apply(storage.txn(), context),
                regionError)
            .answer();
    if (answer == null) {
      throw new GivenUp();
    }
    return answer;
  }
}
