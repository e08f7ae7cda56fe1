package io.rutile.store.snapshot;

/** The bytes of an outgoing snapshot: its files one after another. Used by one thread. */
public interface SnapshotSource extends AutoCloseable {
  long totalBytes();

  /** The next chunk of at most {@code maxBytes} bytes, empty at the end. */
  byte[] read(int maxBytes);

  @Override
  void close();
}
