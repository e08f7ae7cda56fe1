package io.rutile.txn.raw;

import com.google.protobuf.Message;
import io.rutile.base.error.RutileException;
import io.rutile.engine.api.Cf;
import io.rutile.proto.errorpb.Error;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.txn.command.WriteResult;
import io.rutile.txn.command.WriteResult.LockWait;
import io.rutile.txn.gate.Modify;
import io.rutile.txn.gate.RegionErrors;
import io.rutile.txn.gate.RegionSnapshot;
import io.rutile.txn.scheduler.Work;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A raw write that runs through the scheduler: because it is to be atomic with compare-and-swap, or
 * because each write is a version of its own and needs a timestamp of the region's term.
 *
 * <p>The timestamp is drawn under the latches, so that versions of a key are stamped in the order
 * in which they are applied.
 */
abstract class RawWork<R extends Message> implements Work<R> {
  private final RawWriteRequest<R> request;
  private final RawFormat format;
  private final CausalFence timestamps;
  private final boolean latched;
  private @Nullable CompletableFuture<Long> timestamp;

  RawWork(RawWriteRequest<R> request, RawFormat format, CausalFence timestamps, boolean latched) {
    this.request = request;
    this.format = format;
    this.timestamps = timestamps;
    this.latched = latched;
  }

  @Override
  public final String tag() {
    return request.tag();
  }

  @Override
  public final Context context() {
    return request.context();
  }

  @Override
  public final List<byte[]> latchKeys() {
    return latched
        ? request.changes().stream().map(change -> format.encodeKey(change.userKey())).toList()
        : List.of();
  }

  @Override
  public final long writeBytes() {
    return request.sizeBytes();
  }

  @Override
  public final boolean isSystem() {
    return false;
  }

  @Override
  public final boolean allowedOnAlmostFullDisk() {
    return true;
  }

  @Override
  public final @Nullable CompletionStage<?> ready(RegionSnapshot snapshot) {
    if (!format.versioned()) {
      return null;
    }
    if (!snapshot.maxTsSynced()) {
      throw RegionErrors.maxTimestampNotSynced();
    }
    timestamp = timestamps.next(snapshot).toCompletableFuture();
    return timestamp;
  }

  /** The changes as stored. {@code nowSeconds} is when their time to live begins. */
  final List<Modify> modifies(long nowSeconds) {
    long stamp = timestamp == null ? 0 : timestamp.join();
    List<Modify> modifies = new ArrayList<>(request.changes().size());
    for (RawChange change : request.changes()) {
      modifies.add(encode(format, request.cf(), change, nowSeconds, stamp));
    }
    return modifies;
  }

  static Modify encode(RawFormat format, Cf cf, RawChange change, long nowSeconds, long timestamp) {
    byte[] value = change.value();
    return value == null
        ? format.delete(cf, change.userKey(), timestamp)
        : format.put(
            cf,
            change.userKey(),
            value,
            RawFormat.expireSeconds(change.ttl(), nowSeconds),
            timestamp);
  }

  final RawWriteRequest<R> request() {
    return request;
  }

  @Override
  public final void waitForLock(LockWait wait, CompletableFuture<R> reply) {
    throw new IllegalStateException("raw writes meet no locks");
  }

  @Override
  public final R regionError(Error error) {
    return request.regionErrors().apply(error);
  }

  @Override
  public final R refused(RutileException refusal) {
    return request.refusals().apply(refusal.getMessage());
  }

  /** A write that does not look at what was there before. */
  static final class Blind<R extends Message> extends RawWork<R> {
    private final RawSettings settings;

    Blind(
        RawWriteRequest<R> request, RawSettings settings, CausalFence timestamps, boolean latched) {
      super(request, settings.format(), timestamps, latched);
      this.settings = settings;
    }

    @Override
    public WriteResult<R> process(RegionSnapshot snapshot) {
      return WriteResult.<R>builder()
          .modifies(modifies(settings.nowSeconds()))
          .build(request().success());
    }
  }
}
