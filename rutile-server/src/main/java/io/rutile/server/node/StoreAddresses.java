package io.rutile.server.node;

import io.rutile.store.heartbeat.PdGateway;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Where other stores are, as PD says. What is known is kept until somebody found nobody there. Safe
 * for use by any thread.
 */
final class StoreAddresses {
  private final PdGateway pd;
  private final Map<Long, String> known = new ConcurrentHashMap<>();

  StoreAddresses(PdGateway pd) {
    this.pd = pd;
  }

  /** {@code host:port} of the store. */
  CompletableFuture<String> of(long storeId) {
    String address = known.get(storeId);
    if (address != null) {
      return CompletableFuture.completedFuture(address);
    }
    return pd.store(storeId)
        .thenApply(store -> {
          known.put(storeId, store.getAddress());
          return store.getAddress();
        })
        .toCompletableFuture();
  }

  /** A call to the store failed: it may have moved. */
  void suspect(long storeId) {
    known.remove(storeId);
  }
}
