package io.rutile.txn.command;

import static com.google.protobuf.UnsafeByteOperations.unsafeWrap;

import io.rutile.base.bytes.Bytes;
import io.rutile.base.codec.KeyCodec;
import io.rutile.proto.errorpb.Error;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.KvPair;
import io.rutile.proto.kvrpcpb.ScanRequest;
import io.rutile.proto.kvrpcpb.ScanResponse;
import io.rutile.txn.error.KeyErrors;
import io.rutile.txn.error.TxnError;
import io.rutile.txn.error.TxnException;
import io.rutile.txn.gate.ReadGuard;
import io.rutile.txn.gate.RegionErrors;
import io.rutile.txn.gate.RegionSnapshot;
import io.rutile.txn.mvcc.BackwardScanner;
import io.rutile.txn.mvcc.ForwardScanner;
import io.rutile.txn.mvcc.KvRow;
import io.rutile.txn.mvcc.ReadSpec;
import io.rutile.txn.mvcc.RowScanner;
import java.util.List;

/**
 * Reads a range at a timestamp, up to a number of pairs, in either direction. A reverse scan gets
 * its exclusive upper bound as start_key and its inclusive lower bound as end_key. A locked key
 * takes one of the pairs with its error. With a sample step of n every n-th key is given, and locks
 * are not looked at.
 */
public final class KvScan implements ReadCommand<ScanResponse> {
  private final ScanRequest request;
  private final byte[] lower;
  private final byte[] upper;
  private final ReadSpec spec;

  public KvScan(ScanRequest request) {
    this.request = request;
    byte[] start = encodeBound(request.getStartKey().toByteArray());
    byte[] end = encodeBound(request.getEndKey().toByteArray());
    this.lower = request.getReverse() ? end : start;
    this.upper = request.getReverse() ? start : end;
    ReadSpec asked = ReadSpec.of(request.getVersion(), request.getContext(), false);
    this.spec = request.getSampleStep() == 0 ? asked : asked.withoutLockCheck();
  }

  /** An empty bound is no bound and has no encoded form. */
  static byte[] encodeBound(byte[] rawKey) {
    return rawKey.length == 0 ? Bytes.EMPTY : KeyCodec.encode(rawKey);
  }

  @Override
  public String tag() {
    return "scan";
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
    return ReadGuards.of(context(), spec.readTs(), List.of(new ReadGuard.KeyRange(lower, upper)));
  }

  @Override
  public void beforeSnapshot(ConcurrencyView concurrency) {
    ReadPreparation.range(concurrency, context(), spec, lower, upper);
  }

  @Override
  public ScanResponse read(ReadEnv env) {
    checkStart(env.snapshot());
    ScanResponse.Builder response = ScanResponse.newBuilder();
    int step = Math.max(1, request.getSampleStep());
    long limit = Integer.toUnsignedLong(request.getLimit());
    try (RowScanner scanner = open(env.snapshot(), env)) {
      for (long seen = 0; response.getPairsCount() < limit; seen++) {
        try {
          KvRow row = scanner.next();
          if (row == null) {
            break;
          }
          if (seen % step == 0) {
            response.addPairs(pair(row));
          }
        } catch (TxnException refused) {
          if (refused.error() instanceof TxnError.DefaultNotFound) {
            throw refused;
          }
          response.addPairs(KvPair.newBuilder().setError(KeyErrors.of(refused)));
        }
      }
    }
    return response.build();
  }

  /** A scan may run into the end of the region, but has to begin inside. */
  private void checkStart(RegionSnapshot snapshot) {
    byte[] start = request.getReverse() ? upper : lower;
    if (start.length == 0) {
      return;
    }
    boolean inside =
        Bytes.inRange(start, snapshot.startKey(), snapshot.endKey())
            || (request.getReverse() && Bytes.compare(start, snapshot.endKey()) == 0);
    if (!inside) {
      throw RegionErrors.keyNotInRegion(
          start, snapshot.regionId(), snapshot.startKey(), snapshot.endKey());
    }
  }

  private RowScanner open(RegionSnapshot snapshot, ReadEnv env) {
    return request.getReverse()
        ? new BackwardScanner(snapshot, spec, lower, upper, request.getKeyOnly(), env.statistics())
        : new ForwardScanner(snapshot, spec, lower, upper, request.getKeyOnly(), env.statistics());
  }

  private static KvPair pair(KvRow row) {
    return KvPair.newBuilder()
        .setKey(unsafeWrap(KeyCodec.decode(row.encodedKey())))
        .setValue(unsafeWrap(row.value()))
        .build();
  }

  @Override
  public ScanResponse failure(TxnException exception) {
    ScanResponse.Builder response = ScanResponse.newBuilder();
    response.setError(KeyErrors.of(exception));
    return response.addPairs(KvPair.newBuilder().setError(response.getError())).build();
  }

  @Override
  public ScanResponse regionError(Error error) {
    return ScanResponse.newBuilder().setRegionError(error).build();
  }
}
