package io.rutile.engine.api;

/** Writes one SST file of keys in strictly ascending order. Used by one thread. */
public interface SstWriter extends AutoCloseable {
  void put(byte[] key, byte[] value);

  void delete(byte[] key);

  /**
   * Completes the file and makes it durable. Without a key written, no file is left and 0 is
   * returned.
   */
  long finish();

  /** Discards an unfinished file. */
  @Override
  void close();
}
