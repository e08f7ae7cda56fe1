package io.rutile.txn.raw;

import static com.google.protobuf.UnsafeByteOperations.unsafeWrap;

import io.rutile.engine.api.ReadOptions;
import io.rutile.proto.kvrpcpb.RawCASRequest;
import io.rutile.proto.kvrpcpb.RawCASResponse;
import io.rutile.txn.command.WriteResult;
import io.rutile.txn.gate.RegionSnapshot;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Writes a key if its visible value is the expected one. Linearizable: under the key's latch no
 * other atomic write can come between the read and the proposal, and a change of leader in between
 * fails the proposal.
 */
final class CompareAndSwap extends RawWork<RawCASResponse> {
  private final RawCASRequest cas;
  private final RawSettings settings;

  CompareAndSwap(
      RawCASRequest cas,
      RawWriteRequest<RawCASResponse> write,
      RawSettings settings,
      CausalFence timestamps) {
    super(write, settings.format(), timestamps, true);
    this.cas = cas;
    this.settings = settings;
  }

  @Override
  public WriteResult<RawCASResponse> process(RegionSnapshot snapshot) {
    long now = settings.nowSeconds();
    RawReader reader =
        new RawReader(settings.format(), snapshot, request().cf(), now, ReadOptions.DEFAULT);
    RawValue current = reader.get(cas.getKey().toByteArray());
    boolean expected = matches(current);
    RawCASResponse.Builder response = RawCASResponse.newBuilder().setSucceed(expected);
    if (current == null) {
      response.setPreviousNotExist(true);
    } else {
      response.setPreviousValue(unsafeWrap(current.value()));
    }
    WriteResult.Builder<RawCASResponse> result = WriteResult.builder();
    if (expected) {
      result.modifies(modifies(now));
    }
    return result.build(response.build());
  }

  private boolean matches(@Nullable RawValue current) {
    if (current == null) {
      return cas.getPreviousNotExist();
    }
    return !cas.getPreviousNotExist()
        && Arrays.equals(current.value(), cas.getPreviousValue().toByteArray());
  }
}
