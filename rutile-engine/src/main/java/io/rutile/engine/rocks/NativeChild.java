package io.rutile.engine.rocks;

import io.rutile.engine.handle.UseGate;

/**
 * A native object that lives no longer than its engine: a snapshot, a cursor, an SST reader or
 * writer. It is freed once, by its own close or by the engine's, whichever comes first; the second
 * waits for the first.
 */
abstract class NativeChild implements AutoCloseable {
  private final RocksKvEngine engine;
  private final UseGate gate;

  NativeChild(RocksKvEngine engine, UseGate gate) {
    this.engine = engine;
    this.gate = gate;
  }

  /** Guards every use of the native object. */
  final UseGate gate() {
    return gate;
  }

  final RocksKvEngine engine() {
    return engine;
  }

  /** Frees the native object; called once, with nobody inside and the database still open. */
  abstract void free();

  @Override
  public final void close() {
    closeNow();
    engine.forget(this);
  }

  /** Synchronised so that whoever comes second returns when the object is freed, not before. */
  final synchronized void closeNow() {
    if (gate.close()) {
      free();
    }
  }
}
