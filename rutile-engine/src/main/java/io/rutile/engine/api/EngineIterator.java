package io.rutile.engine.api;

/**
 * A cursor over one column family. Not safe for use by several threads at a time. {@link #key()}
 * and {@link #value()} may be called only while {@link #valid()}; the arrays they return belong to
 * the caller.
 */
public interface EngineIterator extends AutoCloseable {
  boolean valid();

  /** Moves to the first key at or after {@code key}. */
  boolean seek(byte[] key);

  /** Moves to the last key at or before {@code key}. */
  boolean seekForPrev(byte[] key);

  boolean seekToFirst();

  boolean seekToLast();

  boolean next();

  boolean prev();

  byte[] key();

  byte[] value();

  @Override
  void close();
}
