package io.rutile.engine.api;

/**
 * Changes that an engine applies all or not at all. Owned by one thread until it is written;
 * reusable after {@link #clear()}.
 */
public interface WriteBatch extends AutoCloseable {
  void put(Cf cf, byte[] key, byte[] value);

  void delete(Cf cf, byte[] key);

  /** Deletes [start, end). An empty end is refused: name the bound. */
  void deleteRange(Cf cf, byte[] start, byte[] end);

  /** Number of operations. */
  int count();

  /** Approximate bytes held. */
  long sizeBytes();

  /** Remembers this point; {@link #rollbackToSavePoint()} drops what came after it. */
  void setSavePoint();

  void rollbackToSavePoint();

  /** Forgets the newest save point and keeps what came after it. */
  void popSavePoint();

  void clear();

  @Override
  void close();
}
