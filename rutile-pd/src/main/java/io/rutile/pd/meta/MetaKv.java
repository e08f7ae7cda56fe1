package io.rutile.pd.meta;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.rutile.proto.etcdserverpb.Compare;
import io.rutile.proto.etcdserverpb.DeleteRangeRequest;
import io.rutile.proto.etcdserverpb.PutRequest;
import io.rutile.proto.etcdserverpb.RangeRequest;
import io.rutile.proto.etcdserverpb.RequestOp;
import io.rutile.proto.etcdserverpb.TxnRequest;
import io.rutile.proto.etcdserverpb.TxnResponse;
import io.rutile.proto.mvccpb.KeyValue;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The blocking face of {@link MetaStore} for PD's own parts, with text keys. Every method may wait
 * for a commit: callers are virtual threads, never the store's or the cluster loop's.
 */
public final class MetaKv {
  /** How long a commit may take before its outcome counts as unknown. */
  private static final long COMMIT_TIMEOUT_MILLIS = 8_000;

  private final MetaStore store;

  /** The only term in which this one writes, 0 for any. */
  private final long term;

  public MetaKv(MetaStore store) {
    this(store, 0);
  }

  private MetaKv(MetaStore store, long term) {
    this.store = store;
    this.term = term;
  }

  /** The same store for one leadership: its writes are refused outside of that term. */
  public MetaKv inTerm(long leaderTerm) {
    return new MetaKv(store, leaderTerm);
  }

  public MetaStore store() {
    return store;
  }

  public static ByteString key(String path) {
    return ByteString.copyFromUtf8(path);
  }

  /** Eight bytes, big-endian, as PD keeps numbers. */
  public static byte[] number(long value) {
    return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
  }

  /**
   * @throws MetaStoreException when the value is not a number
   */
  public static long number(byte[] value) {
    if (value.length != Long.BYTES) {
      throw new MetaStoreException(
          MetaStoreException.Kind.INVALID, "stored number has " + value.length + " bytes, not 8");
    }
    return ByteBuffer.wrap(value).getLong();
  }

  /** The value applied here, or null. On the leader that is the newest. */
  public byte @Nullable [] get(String path) {
    KeyValue pair = pair(path);
    return pair == null ? null : pair.getValue().toByteArray();
  }

  /** The value as text, or null. */
  public @Nullable String text(String path) {
    KeyValue pair = pair(path);
    return pair == null ? null : pair.getValue().toStringUtf8();
  }

  private @Nullable KeyValue pair(String path) {
    List<KeyValue> pairs =
        store.range(RangeRequest.newBuilder().setKey(key(path)).build()).getKvsList();
    return pairs.isEmpty() ? null : pairs.getFirst();
  }

  /** All pairs whose key starts with {@code prefix}, in key order. */
  public List<KeyValue> prefix(String prefix) {
    ByteString start = key(prefix);
    return store
        .range(
            RangeRequest.newBuilder().setKey(start).setRangeEnd(KeyRanges.prefixEnd(start)).build())
        .getKvsList();
  }

  public void put(String path, byte[] value) {
    commit(TxnRequest.newBuilder().addSuccess(putOp(path, value)).build());
  }

  public void put(String path, String value) {
    put(path, value.getBytes(StandardCharsets.UTF_8));
  }

  public void delete(String path) {
    commit(TxnRequest.newBuilder().addSuccess(deleteOp(path)).build());
  }

  /** Writes unless the key exists; whether it wrote. */
  public boolean putIfAbsent(String path, byte[] value) {
    return commit(
        TxnRequest.newBuilder().addCompare(absent(path)).addSuccess(putOp(path, value)).build());
  }

  /** Runs the transaction; whether its comparisons held. */
  public boolean commit(TxnRequest request) {
    return run(request).getSucceeded();
  }

  /** Runs the transaction. */
  public TxnResponse run(TxnRequest request) {
    return await(store.txn(request, term));
  }

  public static RequestOp putOp(String path, byte[] value) {
    return RequestOp.newBuilder()
        .setRequestPut(
            PutRequest.newBuilder()
                .setKey(key(path))
                .setValue(UnsafeByteOperations.unsafeWrap(value)))
        .build();
  }

  public static RequestOp deleteOp(String path) {
    return RequestOp.newBuilder()
        .setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(key(path)))
        .build();
  }

  /** Holds while the key does not exist. */
  public static Compare absent(String path) {
    return Compare.newBuilder()
        .setKey(key(path))
        .setTarget(Compare.CompareTarget.CREATE)
        .setCreateRevision(0)
        .setResult(Compare.CompareResult.EQUAL)
        .build();
  }

  /** Holds while the key exists with that value. */
  public static Compare equalTo(String path, byte[] value) {
    return Compare.newBuilder()
        .setKey(key(path))
        .setTarget(Compare.CompareTarget.VALUE)
        .setValue(UnsafeByteOperations.unsafeWrap(value))
        .setResult(Compare.CompareResult.EQUAL)
        .build();
  }

  /** Waits for a stage of the store. Failures come out as {@link MetaStoreException}. */
  public static <T> T await(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(COMMIT_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } catch (TimeoutException e) {
      throw new MetaStoreException(
          MetaStoreException.Kind.UNKNOWN_OUTCOME, "etcdserver: request timed out");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MetaStoreException(
          MetaStoreException.Kind.UNKNOWN_OUTCOME, "interrupted while waiting for a commit");
    }
  }
}
