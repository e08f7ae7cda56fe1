package io.rutile.pd.tso;

import com.google.protobuf.UnsafeByteOperations;
import io.rutile.base.error.ErrorCategory;
import io.rutile.pd.meta.MetaKv;
import io.rutile.proto.etcdserverpb.Compare;
import io.rutile.proto.etcdserverpb.RequestOp;
import io.rutile.proto.etcdserverpb.TxnRequest;

/**
 * The window in the replicated store: 8 bytes, big-endian nanoseconds, as PD keeps it. A save
 * carries the condition that the stored bound is smaller, evaluated in log order, so that a delayed
 * save of an earlier leadership cannot pull the bound back.
 */
public final class StoredWindow implements TimestampWindow {
  private static final long NANOS = 1_000_000L;

  private final MetaKv meta;
  private final String path;

  public StoredWindow(MetaKv meta, String path) {
    this.meta = meta;
    this.path = path;
  }

  @Override
  public long load() {
    byte[] saved = meta.get(path);
    return saved == null ? 0 : Math.ceilDiv(MetaKv.number(saved), NANOS);
  }

  @Override
  public void save(long boundMillis) {
    byte[] value = MetaKv.number(boundMillis * NANOS);
    Compare smaller =
        Compare.newBuilder()
            .setKey(MetaKv.key(path))
            .setTarget(Compare.CompareTarget.VALUE)
            .setValue(UnsafeByteOperations.unsafeWrap(value))
            .setResult(Compare.CompareResult.LESS)
            .build();
    RequestOp put = MetaKv.putOp(path, value);
    TxnRequest first =
        TxnRequest.newBuilder().addCompare(MetaKv.absent(path)).addSuccess(put).build();
    TxnRequest later = TxnRequest.newBuilder().addCompare(smaller).addSuccess(put).build();
    if (!meta.commit(later) && !meta.commit(first)) {
      throw new TsoException(
          ErrorCategory.RETRY_ELSEWHERE,
          "save timestamp failed: a later window is saved, not leader anymore");
    }
  }
}
