package io.rutile.txn.command;

import io.rutile.base.bytes.Bytes;
import io.rutile.base.codec.TimeStamp;
import io.rutile.proto.errorpb.Error;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.ResolveLockRequest;
import io.rutile.proto.kvrpcpb.ResolveLockResponse;
import io.rutile.txn.command.action.CleanupAction;
import io.rutile.txn.command.action.CommitAction;
import io.rutile.txn.command.action.TxnChanges;
import io.rutile.txn.error.KeyErrors;
import io.rutile.txn.error.TxnException;
import io.rutile.txn.mvcc.MvccReader;
import io.rutile.txn.record.Lock;
import io.rutile.txn.record.LockRecord;
import io.rutile.txn.record.SharedLocks;
import java.util.List;
import java.util.Map;

/**
 * Resolves the locks that {@link ResolveLockScan} found, as far as one write may grow, and goes
 * back to it. Latches are on the keys, and the locks are read anew: some may be gone by now.
 */
public final class ResolveLock implements Command<ResolveLockResponse> {
  /** Bytes after which a write is cut off. */
  static final long MAX_WRITE_BYTES = 32 * 1024;

  private final ResolveLockRequest request;
  private final Map<Long, Long> commitTsByStartTs;
  private final List<byte[]> encodedKeys;

  ResolveLock(
      ResolveLockRequest request, Map<Long, Long> commitTsByStartTs, List<byte[]> encodedKeys) {
    this.request = request;
    this.commitTsByStartTs = commitTsByStartTs;
    this.encodedKeys = encodedKeys;
  }

  /** The command for a request: with keys it is about these only. */
  public static Command<ResolveLockResponse> of(ResolveLockRequest request) {
    return request.getKeysCount() > 0 && request.getStartVersion() != 0
        ? new ResolveLockLite(request)
        : new ResolveLockScan(request);
  }

  @Override
  public String tag() {
    return "resolve_lock";
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
  public boolean isSystem() {
    return true;
  }

  @Override
  public boolean allowedOnAlmostFullDisk() {
    return true;
  }

  @Override
  public WriteResult<ResolveLockResponse> process(CommandEnv env) {
    TxnChanges changes = new TxnChanges();
    byte[] last = encodedKeys.getLast();
    try (MvccReader reader = new MvccReader(env.snapshot(), env.statistics())) {
      for (byte[] key : encodedKeys) {
        resolve(changes, reader, key);
        if (changes.sizeBytes() >= MAX_WRITE_BYTES) {
          last = key;
          break;
        }
      }
    }
    byte[] rest = Bytes.next(last);
    return WriteResult.<ResolveLockResponse>builder()
        .changes(changes)
        .next(new ResolveLockScan(request, commitTsByStartTs, rest))
        .build(ResolveLockResponse.getDefaultInstance());
  }

  private void resolve(TxnChanges changes, MvccReader reader, byte[] key) {
    LockRecord record = reader.loadLock(key);
    switch (record) {
      case null -> {}
      case Lock lock -> resolve(changes, reader, key, lock, lock);
      case SharedLocks shared -> {
        SharedLocks rest = shared;
        for (Lock member : shared.members()) {
          if (resolve(changes, reader, key, rest, member)) {
            rest = rest.without(member.startTs());
          }
        }
      }
    }
  }

  private boolean resolve(
      TxnChanges changes, MvccReader reader, byte[] key, LockRecord record, Lock own) {
    Long commitTs = commitTsByStartTs.get(own.startTs());
    if (commitTs == null) {
      return false;
    }
    if (commitTs != 0) {
      CommitAction.commit(changes, reader, key, record, own.startTs(), commitTs);
    } else {
      CleanupAction.cleanUp(changes, reader, key, record, own.startTs(), TimeStamp.ZERO, false);
    }
    return true;
  }

  @Override
  public ResolveLockResponse failure(TxnException exception) {
    return ResolveLockResponse.newBuilder().setError(KeyErrors.of(exception)).build();
  }

  @Override
  public ResolveLockResponse regionError(Error error) {
    return ResolveLockResponse.newBuilder().setRegionError(error).build();
  }
}
