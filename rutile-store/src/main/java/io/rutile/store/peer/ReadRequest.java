package io.rutile.store.peer;

import io.rutile.txn.gate.ReadGuard;
import io.rutile.txn.gate.RegionContext;
import io.rutile.txn.gate.RegionErrorException;
import io.rutile.txn.gate.RegionSnapshot;
import java.util.concurrent.CompletableFuture;

/** A read that the published view could not serve. */
public record ReadRequest(
    RegionContext context, ReadGuard guard, CompletableFuture<RegionSnapshot> done) {
  public void fail(RegionErrorException error) {
    done.completeExceptionally(error);
  }
}
