package io.rutile.txn.command;

import static com.google.protobuf.UnsafeByteOperations.unsafeWrap;

import io.rutile.base.bytes.Bytes;
import io.rutile.base.codec.KeyCodec;
import io.rutile.proto.errorpb.Error;
import io.rutile.proto.kvrpcpb.BufferBatchGetRequest;
import io.rutile.proto.kvrpcpb.BufferBatchGetResponse;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.KvPair;
import io.rutile.txn.command.action.Requests;
import io.rutile.txn.error.KeyErrors;
import io.rutile.txn.error.TxnException;
import io.rutile.txn.gate.ReadGuard;
import io.rutile.txn.mvcc.MvccReader;
import io.rutile.txn.record.Lock;
import io.rutile.txn.record.LockType;
import java.util.List;

/**
 * Reads what a pipelined transaction has flushed itself: the values in its own locks, an empty one
 * for a deletion, nothing where it has not written. Answers in key order, each key once.
 */
public final class BufferBatchGet implements ReadCommand<BufferBatchGetResponse> {
  private final BufferBatchGetRequest request;

  public BufferBatchGet(BufferBatchGetRequest request) {
    this.request = request;
  }

  @Override
  public String tag() {
    return "buffer_batch_get";
  }

  @Override
  public Context context() {
    return request.getContext();
  }

  @Override
  public long readTs() {
    return request.getVersion();
  }

  @Override
  public ReadGuard guard() {
    return ReadGuard.LEADER;
  }

  /** A transaction's own locks are not hidden from it by anything in memory. */
  @Override
  public void beforeSnapshot(ConcurrencyView concurrency) {}

  @Override
  public BufferBatchGetResponse read(ReadEnv env) {
    Requests.checkStartTs(request.getVersion());
    List<byte[]> keys = Requests.encode(request.getKeysList());
    keys.sort(Bytes.ORDER);
    BufferBatchGetResponse.Builder response = BufferBatchGetResponse.newBuilder();
    byte[] previous = Bytes.EMPTY;
    try (MvccReader reader = new MvccReader(env.snapshot(), env.statistics())) {
      for (byte[] key : keys) {
        if (Bytes.compare(key, previous) != 0
            && reader.loadLock(key) instanceof Lock lock
            && lock.startTs() == request.getVersion()) {
          add(response, reader, key, lock);
        }
        previous = key;
      }
    }
    return response.setExecDetailsV2(env.execDetails()).build();
  }

  private static void add(
      BufferBatchGetResponse.Builder response, MvccReader reader, byte[] key, Lock lock) {
    if (lock.type() != LockType.PUT && lock.type() != LockType.DELETE) {
      return;
    }
    KvPair.Builder pair = KvPair.newBuilder().setKey(unsafeWrap(KeyCodec.decode(key)));
    if (lock.type() == LockType.PUT) {
      pair.setValue(unsafeWrap(reader.value(key, lock)));
    }
    response.addPairs(pair);
  }

  @Override
  public BufferBatchGetResponse failure(TxnException exception) {
    return BufferBatchGetResponse.newBuilder().setError(KeyErrors.of(exception)).build();
  }

  @Override
  public BufferBatchGetResponse regionError(Error error) {
    return BufferBatchGetResponse.newBuilder().setRegionError(error).build();
  }
}
