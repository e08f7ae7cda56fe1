package io.rutile.txn.command;

import io.rutile.base.codec.KeyCodec;
import io.rutile.proto.errorpb.Error;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.MvccGetByKeyRequest;
import io.rutile.proto.kvrpcpb.MvccGetByKeyResponse;
import io.rutile.txn.error.TxnException;
import io.rutile.txn.gate.ReadGuard;
import io.rutile.txn.mvcc.MvccInfos;

/** Shows everything that stands under a key, for those who debug. */
public final class MvccGetByKey implements ReadCommand<MvccGetByKeyResponse> {
  private final MvccGetByKeyRequest request;

  public MvccGetByKey(MvccGetByKeyRequest request) {
    this.request = request;
  }

  @Override
  public String tag() {
    return "key_mvcc";
  }

  @Override
  public Context context() {
    return request.getContext();
  }

  @Override
  public ReadGuard guard() {
    return ReadGuard.LEADER;
  }

  /** What is stored is shown as it is; no timestamp is read at. */
  @Override
  public void beforeSnapshot(ConcurrencyView concurrency) {}

  @Override
  public MvccGetByKeyResponse read(ReadEnv env) {
    byte[] key = KeyCodec.encode(request.getKey().toByteArray());
    return MvccGetByKeyResponse.newBuilder()
        .setInfo(MvccInfos.of(env.snapshot(), key, env.statistics()))
        .build();
  }

  @Override
  public MvccGetByKeyResponse failure(TxnException exception) {
    return MvccGetByKeyResponse.newBuilder().setError(exception.error().text()).build();
  }

  @Override
  public MvccGetByKeyResponse regionError(Error error) {
    return MvccGetByKeyResponse.newBuilder().setRegionError(error).build();
  }
}
