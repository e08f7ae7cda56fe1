package io.rutile.engine.api;

/**
 * A frozen, consistent view of all column families. Any thread may read it; whoever took it closes
 * it.
 */
public interface EngineSnapshot extends EngineReader, AutoCloseable {
  @Override
  void close();
}
