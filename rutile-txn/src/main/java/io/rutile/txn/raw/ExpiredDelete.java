package io.rutile.txn.raw;

import io.rutile.proto.kvrpcpb.RawBatchDeleteResponse;
import io.rutile.txn.command.WriteResult;
import io.rutile.txn.gate.Modify;
import io.rutile.txn.gate.RegionSnapshot;
import java.util.ArrayList;
import java.util.List;

/** Deletes those of its keys that are still expired once their latches are held. */
final class ExpiredDelete extends RawWork<RawBatchDeleteResponse> {
  private final RawSettings settings;

  ExpiredDelete(
      RawWriteRequest<RawBatchDeleteResponse> request,
      RawSettings settings,
      CausalFence timestamps) {
    super(request, settings.format(), timestamps, true);
    this.settings = settings;
  }

  @Override
  public WriteResult<RawBatchDeleteResponse> process(RegionSnapshot snapshot) {
    List<Modify> modifies = new ArrayList<>();
    for (RawChange change : request().changes()) {
      byte[] key = settings.format().encodeKey(change.userKey());
      byte[] stored = snapshot.get(request().cf(), key);
      if (stored != null && settings.format().visible(stored, settings.nowSeconds()) == null) {
        modifies.add(new Modify.Delete(request().cf(), key));
      }
    }
    return WriteResult.<RawBatchDeleteResponse>builder()
        .modifies(modifies)
        .build(request().success());
  }
}
