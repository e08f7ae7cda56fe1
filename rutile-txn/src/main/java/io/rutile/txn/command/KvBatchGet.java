package io.rutile.txn.command;

import static com.google.protobuf.UnsafeByteOperations.unsafeWrap;

import com.google.protobuf.ByteString;
import io.rutile.base.bytes.Bytes;
import io.rutile.base.codec.KeyCodec;
import io.rutile.proto.errorpb.Error;
import io.rutile.proto.kvrpcpb.BatchGetRequest;
import io.rutile.proto.kvrpcpb.BatchGetResponse;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.KvPair;
import io.rutile.txn.error.KeyErrors;
import io.rutile.txn.error.TxnException;
import io.rutile.txn.gate.ReadGuard;
import io.rutile.txn.mvcc.KvRow;
import io.rutile.txn.mvcc.PointGetter;
import io.rutile.txn.mvcc.ReadSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads many keys at a timestamp. The keys are read in their own order with one cursor and answered
 * in the order of the request; missing ones are left out, a locked one has its error in its place.
 */
public final class KvBatchGet implements ReadCommand<BatchGetResponse> {
  private final BatchGetRequest request;
  private final List<byte[]> encodedKeys;
  private final ReadSpec spec;

  public KvBatchGet(BatchGetRequest request) {
    this.request = request;
    this.encodedKeys = new ArrayList<>(request.getKeysCount());
    for (ByteString key : request.getKeysList()) {
      encodedKeys.add(KeyCodec.encode(key.toByteArray()));
    }
    this.spec = ReadSpec.of(request.getVersion(), request.getContext(), request.getNeedCommitTs());
  }

  @Override
  public String tag() {
    return "batch_get";
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
    List<ReadGuard.KeyRange> ranges = new ArrayList<>();
    if (context().getReplicaRead()) {
      encodedKeys.forEach(key -> ranges.add(new ReadGuard.KeyRange(key, Bytes.next(key))));
    }
    return ReadGuards.of(context(), spec.readTs(), ranges);
  }

  @Override
  public void beforeSnapshot(ConcurrencyView concurrency) {
    ReadPreparation.keys(concurrency, context(), spec, encodedKeys);
  }

  @Override
  public BatchGetResponse read(ReadEnv env) {
    Integer[] order = new Integer[encodedKeys.size()];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (a, b) -> Bytes.compare(encodedKeys.get(a), encodedKeys.get(b)));
    @Nullable KvPair[] pairs = new KvPair[order.length];
    try (PointGetter getter = PointGetter.ascending(env.snapshot(), spec, env.statistics())) {
      for (int index : order) {
        pairs[index] = read(getter, index);
      }
    }
    BatchGetResponse.Builder response = BatchGetResponse.newBuilder();
    for (KvPair pair : pairs) {
      if (pair != null) {
        response.addPairs(pair);
      }
    }
    return response.setExecDetailsV2(env.execDetails()).build();
  }

  private @Nullable KvPair read(PointGetter getter, int index) {
    try {
      KvRow row = getter.get(encodedKeys.get(index));
      if (row == null) {
        return null;
      }
      KvPair.Builder pair =
          KvPair.newBuilder().setKey(request.getKeys(index)).setValue(unsafeWrap(row.value()));
      if (request.getNeedCommitTs()) {
        pair.setCommitTs(row.commitTs());
      }
      return pair.build();
    } catch (TxnException refused) {
      return KvPair.newBuilder().setError(KeyErrors.of(refused)).build();
    }
  }

  @Override
  public BatchGetResponse failure(TxnException exception) {
    BatchGetResponse.Builder response = BatchGetResponse.newBuilder();
    response.setError(KeyErrors.of(exception));
    return response.addPairs(KvPair.newBuilder().setError(response.getError())).build();
  }

  @Override
  public BatchGetResponse regionError(Error error) {
    return BatchGetResponse.newBuilder().setRegionError(error).build();
  }
}
