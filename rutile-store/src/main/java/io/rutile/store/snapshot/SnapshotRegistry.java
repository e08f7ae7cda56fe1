package io.rutile.store.snapshot;

import io.rutile.proto.eraftpb.Snapshot;
import io.rutile.proto.raftserverpb.RaftMessage;
import io.rutile.proto.raftserverpb.RaftSnapshotData;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Which snapshots are coming in, so that the files of one are never written by two streams or
 * removed while they are being installed; and how many go out. Safe for use by any thread.
 */
public final class SnapshotRegistry {
  private final Path directory;
  private final int maxReceive;
  private final int maxSend;
  private final Set<String> incoming = new HashSet<>();
  private final AtomicInteger sending = new AtomicInteger();

  public SnapshotRegistry(Path directory, int maxReceive, int maxSend) {
    this.directory = directory;
    this.maxReceive = maxReceive;
    this.maxSend = maxSend;
  }

  public Path directory() {
    return directory;
  }

  public static String keyOf(long regionId, Snapshot snapshot) {
    return SnapshotFiles.key(
        regionId, snapshot.getMetadata().getTerm(), snapshot.getMetadata().getIndex());
  }

  /**
   * Begins to receive.
   *
   * @param deliver takes the message once the files are complete
   */
  public SnapshotSink receive(RaftMessage head, Consumer<RaftMessage> deliver) {
    Snapshot snapshot = head.getMessage().getSnapshot();
    RaftSnapshotData data = SnapshotFiles.dataOf(snapshot);
    String key = keyOf(head.getRegionId(), snapshot);
    synchronized (this) {
      if (incoming.size() >= maxReceive) {
        throw new SnapshotFiles.SnapshotException("too many snapshots are being received");
      }
      if (!incoming.add(key)) {
        throw new SnapshotFiles.SnapshotException("snapshot " + key + " is here already");
      }
    }
    FileSnapshotSink files =
        new FileSnapshotSink(
            directory, key, data.getMeta().getCfFilesList(), () -> deliver.accept(head));
    return new SnapshotSink() {
      @Override
      public void write(byte[] chunk) {
        files.write(chunk);
      }

      @Override
      public void complete() {
        files.complete();
      }

      @Override
      public void abort() {
        try {
          files.abort();
        } finally {
          forget(key);
        }
      }
    };
  }

  /** The snapshot is installed, or nobody wants it: its files are of no use any more. */
  public void discard(String key) {
    SnapshotFiles.delete(directory, SnapshotFiles.Kind.INCOMING, key);
    forget(key);
  }

  private synchronized void forget(String key) {
    incoming.remove(key);
  }

  public synchronized int receivingCount() {
    return incoming.size();
  }

  public int sendingCount() {
    return sending.get();
  }

  /** Takes one of the places for outgoing snapshots; false when there is none. */
  public boolean beginSend() {
    if (sending.incrementAndGet() > maxSend) {
      sending.decrementAndGet();
      return false;
    }
    return true;
  }

  public void endSend() {
    sending.decrementAndGet();
  }
}
