package io.rutile.client.kv;

import io.rutile.base.clock.Clock;
import io.rutile.client.pd.PdClient;
import io.rutile.rpc.channel.ChannelPool;

/**
 * Transactions under snapshot isolation. Safe for use by any thread; each {@link Transaction}
 * belongs to one at a time.
 */
public final class TxnClient {
  private final PdClient pd;
  private final RegionRequests requests;
  private final LockResolver resolver;

  public TxnClient(ChannelPool channels, PdClient pd, KeyMode mode, Clock clock) {
    this.pd = pd;
    this.requests = new RegionRequests(channels, pd, mode, clock);
    this.resolver = new LockResolver(requests, pd);
  }

  /** Begins a transaction on the snapshot of now. */
  public Transaction begin(TxnOptions options) {
    return new Transaction(requests, resolver, pd, options, timestamp());
  }

  /** A read-only view of the data as of {@code timestamp}. */
  public Snapshot snapshot(long timestamp) {
    return new Snapshot(requests, resolver, timestamp);
  }

  public long timestamp() {
    return PdClient.await(pd.tso());
  }
}
