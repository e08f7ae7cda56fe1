package io.rutile.txn.command;

import static com.google.protobuf.UnsafeByteOperations.unsafeWrap;

import io.rutile.base.codec.KeyCodec;
import io.rutile.proto.errorpb.Error;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.MvccGetByStartTsRequest;
import io.rutile.proto.kvrpcpb.MvccGetByStartTsResponse;
import io.rutile.proto.kvrpcpb.MvccInfo;
import io.rutile.txn.error.TxnException;
import io.rutile.txn.gate.ReadGuard;
import io.rutile.txn.mvcc.MvccInfos;

/**
 * Shows the first key that a transaction wrote, for those who debug. Reads the region from its
 * start until it finds one.
 */
public final class MvccGetByStartTs implements ReadCommand<MvccGetByStartTsResponse> {
  private final MvccGetByStartTsRequest request;

  public MvccGetByStartTs(MvccGetByStartTsRequest request) {
    this.request = request;
  }

  @Override
  public String tag() {
    return "start_ts_mvcc";
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
  public MvccGetByStartTsResponse read(ReadEnv env) {
    byte[] key = MvccInfos.findKey(env.snapshot(), request.getStartTs(), env.statistics());
    MvccGetByStartTsResponse.Builder response = MvccGetByStartTsResponse.newBuilder();
    if (key == null) {
      return response.setInfo(MvccInfo.getDefaultInstance()).build();
    }
    return response
        .setKey(unsafeWrap(KeyCodec.decode(key)))
        .setInfo(MvccInfos.of(env.snapshot(), key, env.statistics()))
        .build();
  }

  @Override
  public MvccGetByStartTsResponse failure(TxnException exception) {
    return MvccGetByStartTsResponse.newBuilder().setError(exception.error().text()).build();
  }

  @Override
  public MvccGetByStartTsResponse regionError(Error error) {
    return MvccGetByStartTsResponse.newBuilder().setRegionError(error).build();
  }
}
