package io.rutile.txn.command;

import static com.google.protobuf.UnsafeByteOperations.unsafeWrap;

import io.rutile.base.bytes.Bytes;
import io.rutile.base.codec.KeyCodec;
import io.rutile.base.error.RutileException;
import io.rutile.engine.api.Cf;
import io.rutile.proto.errorpb.Error;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.ExecDetailsV2;
import io.rutile.proto.kvrpcpb.GetRequest;
import io.rutile.proto.kvrpcpb.GetResponse;
import io.rutile.proto.kvrpcpb.IsolationLevel;
import io.rutile.txn.error.KeyErrors;
import io.rutile.txn.error.TxnException;
import io.rutile.txn.gate.HotRow;
import io.rutile.txn.gate.HotRows;
import io.rutile.txn.gate.ReadGuard;
import io.rutile.txn.mvcc.KvRow;
import io.rutile.txn.mvcc.PointGetter;
import io.rutile.txn.mvcc.ReadSpec;
import io.rutile.txn.mvcc.ReadStatistics;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads one key at a timestamp. */
public final class KvGet implements ReadCommand<GetResponse> {
  private final GetRequest request;
  private final byte[] encodedKey;
  private final ReadSpec spec;

  public KvGet(GetRequest request) {
    this.request = request;
    this.encodedKey = KeyCodec.encode(request.getKey().toByteArray());
    this.spec = ReadSpec.of(request.getVersion(), request.getContext(), request.getNeedCommitTs());
  }

  @Override
  public String tag() {
    return "get";
  }

  @Override
  public Context context() {
    return request.getContext();
  }

  /** The key as it is stored. */
  public byte[] encodedKey() {
    return encodedKey;
  }

  @Override
  public long readTs() {
    return request.getVersion();
  }

  @Override
  public ReadGuard guard() {
    return ReadGuards.of(
        context(),
        spec.readTs(),
        List.of(new ReadGuard.KeyRange(encodedKey, Bytes.next(encodedKey))));
  }

  @Override
  public void beforeSnapshot(ConcurrencyView concurrency) {
    ReadPreparation.key(concurrency, context(), spec, encodedKey);
  }

  /**
   * The answer if the row is at hand; null when it is not, or when the request has to be refused.
   * Preparation and look-up are those of a read with a snapshot: max_ts is raised and the locks in
   * memory are looked at before. A row at hand bears no lock, and a lock that comes later belongs
   * to a transaction that commits above max_ts.
   */
  public @Nullable GetResponse hot(
      ConcurrencyView concurrency, HotRows rows, Function<ReadStatistics, ExecDetailsV2> details) {
    if (spec.isolation() == IsolationLevel.RCCheckTS) {
      return null;
    }
    try {
      beforeSnapshot(concurrency);
    } catch (RutileException e) {
      return null;
    }
    HotRow row = rows.find(Cf.WRITE, encodedKey);
    if (row == null || Long.compareUnsigned(row.version(), spec.readTs()) > 0) {
      return null;
    }
    ReadStatistics statistics = new ReadStatistics();
    statistics.foundRow(encodedKey.length + row.value().length);
    GetResponse.Builder response = GetResponse.newBuilder().setValue(unsafeWrap(row.value()));
    if (request.getNeedCommitTs()) {
      response.setCommitTs(row.version());
    }
    return response.setExecDetailsV2(details.apply(statistics)).build();
  }

  @Override
  public GetResponse read(ReadEnv env) {
    GetResponse.Builder response = GetResponse.newBuilder();
    try (PointGetter getter = PointGetter.single(env.snapshot(), spec, env.statistics())) {
      KvRow row = getter.get(encodedKey);
      if (row == null) {
        response.setNotFound(true);
      } else {
        response.setValue(unsafeWrap(row.value()));
        if (getter.gotNewest() && spec.fillCache()) {
          env.snapshot().keep(Cf.WRITE, encodedKey, new HotRow(row.commitTs(), row.value()));
        }
        if (request.getNeedCommitTs()) {
          response.setCommitTs(row.commitTs());
        }
      }
    }
    return response.setExecDetailsV2(env.execDetails()).build();
  }

  @Override
  public GetResponse failure(TxnException exception) {
    return GetResponse.newBuilder().setError(KeyErrors.of(exception)).build();
  }

  @Override
  public GetResponse regionError(Error error) {
    return GetResponse.newBuilder().setRegionError(error).build();
  }
}
