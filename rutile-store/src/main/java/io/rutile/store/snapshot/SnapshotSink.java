package io.rutile.store.snapshot;

/** Where the chunks of one incoming snapshot go. Used by one thread at a time. */
public interface SnapshotSink {
  /**
   * Appends the next bytes of the snapshot's files.
   *
   * @throws io.rutile.base.error.RutileException when they cannot belong to it
   */
  void write(byte[] chunk);

  /**
   * Ends the stream: checks sizes and checksums and hands the snapshot to its peer.
   *
   * @throws io.rutile.base.error.RutileException when the snapshot is incomplete or damaged
   */
  void complete();

  /** Gives up and removes what was written. */
  void abort();
}
