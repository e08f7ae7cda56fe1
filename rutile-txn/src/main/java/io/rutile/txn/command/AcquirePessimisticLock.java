package io.rutile.txn.command;

import static com.google.protobuf.UnsafeByteOperations.unsafeWrap;

import com.google.protobuf.ByteString;
import io.rutile.proto.errorpb.Error;
import io.rutile.proto.kvrpcpb.Assertion;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.Mutation;
import io.rutile.proto.kvrpcpb.Op;
import io.rutile.proto.kvrpcpb.PessimisticLockKeyResult;
import io.rutile.proto.kvrpcpb.PessimisticLockKeyResultType;
import io.rutile.proto.kvrpcpb.PessimisticLockRequest;
import io.rutile.proto.kvrpcpb.PessimisticLockResponse;
import io.rutile.proto.kvrpcpb.PessimisticLockWakeUpMode;
import io.rutile.txn.command.WriteResult.LockWait;
import io.rutile.txn.command.action.PessimisticLockAction;
import io.rutile.txn.command.action.PessimisticLockAction.Acquired;
import io.rutile.txn.command.action.PessimisticLockAction.Closing;
import io.rutile.txn.command.action.PessimisticLockAction.Held;
import io.rutile.txn.command.action.PessimisticLockAction.Key;
import io.rutile.txn.command.action.Requests;
import io.rutile.txn.command.action.TxnChanges;
import io.rutile.txn.error.KeyErrors;
import io.rutile.txn.error.LockInfos;
import io.rutile.txn.error.TxnException;
import io.rutile.txn.mvcc.MvccReader;
import java.util.ArrayList;
import java.util.List;

/**
 * Locks keys before their values are known. All keys or none: where one is held by somebody else,
 * nothing is written and the request is to wait for that key, and then to be processed anew.
 *
 * <p>In the mode that clients call ForceLock the one key is locked even when it has a newer version
 * than the statement has read; the answer tells so and brings the value along.
 */
public final class AcquirePessimisticLock implements Command<PessimisticLockResponse> {
  private final PessimisticLockRequest request;
  private final List<byte[]> encodedKeys;

  public AcquirePessimisticLock(PessimisticLockRequest request) {
    this.request = request;
    this.encodedKeys =
        Requests.encode(request.getMutationsList().stream().map(Mutation::getKey).toList());
  }

  /** The request as it came, for whoever makes it wait. */
  public PessimisticLockRequest request() {
    return request;
  }

  /** Whether a waiter is to be processed anew when the lock is free, rather than refused. */
  public boolean isForceLock() {
    return request.getWakeUpMode() == PessimisticLockWakeUpMode.WakeUpModeForceLock;
  }

  @Override
  public String tag() {
    return "acquire_pessimistic_lock";
  }

  @Override
  public Context context() {
    return request.getContext();
  }

  @Override
  public List<byte[]> latchKeys() {
    return encodedKeys;
  }

  @Override
  public long writeBytes() {
    return CommandSizes.keys(encodedKeys);
  }

  @Override
  public WriteResult<PessimisticLockResponse> process(CommandEnv env) {
    List<Key> keys = keys();
    TxnChanges changes = new TxnChanges();
    WriteResult.Builder<PessimisticLockResponse> result = WriteResult.builder();
    List<Acquired> acquired = new ArrayList<>(keys.size());
    try (MvccReader reader = new MvccReader(env.snapshot(), env.statistics())) {
      PessimisticLockAction action = new PessimisticLockAction(spec(), reader, env.concurrency());
      for (Key key : keys) {
        switch (action.acquire(key)) {
          case Acquired one -> acquired.add(one);
          case Held held -> {
            LockWait wait =
                new LockWait(key.encodedKey(), LockInfos.of(key.rawKey(), held.record()), true);
            return WriteResult.<PessimisticLockResponse>builder()
                .lockWait(wait)
                .build(PessimisticLockResponse.getDefaultInstance());
          }
          case Closing closing -> {
            return closing(key, closing);
          }
        }
      }
    }
    for (int i = 0; i < acquired.size(); i++) {
      Acquired one = acquired.get(i);
      if (one.changedRecord() != null && one.lock() != null) {
        changes.putLock(encodedKeys.get(i), one.changedRecord());
        result.acquired(encodedKeys.get(i), one.lock());
      }
    }
    return result.changes(changes).build(response(acquired));
  }

  /** Nobody may join the sharers any more; this request is refused now and waits the next time. */
  private WriteResult<PessimisticLockResponse> closing(Key key, Closing closing) {
    TxnChanges changes = new TxnChanges();
    changes.putLock(key.encodedKey(), closing.closed());
    return WriteResult.<PessimisticLockResponse>builder()
        .changes(changes)
        .build(failure(PessimisticLockAction.heldError(key, closing.closed())));
  }

  private PessimisticLockAction.Spec spec() {
    return new PessimisticLockAction.Spec(
        request.getStartVersion(),
        request.getPrimaryLock().toByteArray(),
        request.getForUpdateTs(),
        request.getLockTtl(),
        request.getMinCommitTs(),
        request.getReturnValues(),
        request.getCheckExistence(),
        request.getLockOnlyIfExists(),
        isForceLock());
  }

  private List<Key> keys() {
    Requests.checkStartTs(request.getStartVersion());
    Requests.checkNotEmpty(request.getMutationsList(), "mutations");
    if (request.getForUpdateTs() == 0) {
      throw Requests.bad("for_update_ts must not be 0");
    }
    if (isForceLock() && encodedKeys.size() > 1) {
      throw Requests.bad("lock with conflict allowed on one key at a time only");
    }
    List<Key> keys = new ArrayList<>(encodedKeys.size());
    for (int i = 0; i < encodedKeys.size(); i++) {
      Mutation mutation = request.getMutations(i);
      Op op = mutation.getOp();
      if (op != Op.PessimisticLock && op != Op.SharedPessimisticLock) {
        throw Requests.bad("mutation op " + op + " is no pessimistic lock");
      }
      keys.add(
          new Key(
              mutation.getKey().toByteArray(),
              encodedKeys.get(i),
              mutation.getAssertion() == Assertion.NotExist,
              op == Op.SharedPessimisticLock));
    }
    return keys;
  }

  private PessimisticLockResponse response(List<Acquired> acquired) {
    PessimisticLockResponse.Builder response = PessimisticLockResponse.newBuilder();
    for (Acquired one : acquired) {
      boolean exists = one.value() != null;
      ByteString value = one.value() == null ? ByteString.EMPTY : unsafeWrap(one.value());
      if (isForceLock()) {
        response.addResults(forceLockResult(one, value, exists));
      } else if (request.getReturnValues()) {
        response.addValues(value).addNotFounds(!exists);
      } else if (request.getCheckExistence()) {
        response.addNotFounds(!exists);
      }
    }
    return response.build();
  }

  private PessimisticLockKeyResult forceLockResult(Acquired one, ByteString value, boolean exists) {
    PessimisticLockKeyResult.Builder result = PessimisticLockKeyResult.newBuilder();
    if (one.conflictTs() != 0) {
      return result
          .setType(PessimisticLockKeyResultType.LockResultLockedWithConflict)
          .setValue(value)
          .setExistence(exists)
          .setLockedWithConflictTs(one.conflictTs())
          .build();
    }
    return result
        .setType(PessimisticLockKeyResultType.LockResultNormal)
        .setValue(value)
        .setExistence(exists)
        .build();
  }

  @Override
  public PessimisticLockResponse failure(TxnException exception) {
    PessimisticLockResponse.Builder response =
        PessimisticLockResponse.newBuilder().addErrors(KeyErrors.of(exception));
    if (isForceLock() && encodedKeys.size() == 1) {
      response.addResults(
          PessimisticLockKeyResult.newBuilder()
              .setType(PessimisticLockKeyResultType.LockResultFailed));
    }
    return response.build();
  }

  @Override
  public PessimisticLockResponse regionError(Error error) {
    return PessimisticLockResponse.newBuilder().setRegionError(error).build();
  }
}
