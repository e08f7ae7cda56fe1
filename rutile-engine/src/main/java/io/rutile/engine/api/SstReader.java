package io.rutile.engine.api;

/** Reads one SST file that is not part of an engine. Safe for use by any thread. */
public interface SstReader extends AutoCloseable {
  /** A cursor over the whole file. The caller closes it before the reader. */
  EngineIterator iterator();

  /**
   * Reads the whole file and compares its checksums.
   *
   * @throws EngineException of kind CORRUPTION naming the file
   */
  void verifyChecksum();

  /** Number of puts and deletes in the file. */
  long entryCount();

  @Override
  void close();
}
