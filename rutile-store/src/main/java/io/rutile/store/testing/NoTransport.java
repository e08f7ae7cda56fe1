package io.rutile.store.testing;

import io.rutile.proto.raftserverpb.RaftMessage;
import io.rutile.store.snapshot.SnapshotSource;
import io.rutile.store.transport.RaftTransport;
import java.util.function.Consumer;

/** The transport of a store that is alone: everything gets lost. */
public final class NoTransport implements RaftTransport {
  @Override
  public boolean send(RaftMessage message) {
    return false;
  }

  @Override
  public void flush() {}

  @Override
  public void sendSnapshot(RaftMessage head, SnapshotSource source, Consumer<Boolean> done) {
    source.close();
    done.accept(false);
  }

  @Override
  public void close() {}
}
