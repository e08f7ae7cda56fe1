package io.rutile.engine.rocks;

import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineException;
import io.rutile.engine.api.EngineIterator;
import org.jspecify.annotations.Nullable;

/**
 * A cursor of a snapshot in the hands of one user, who gives it back by closing this. Used by one
 * thread.
 */
final class LentCursor implements EngineIterator {
  private final RocksSnapshot owner;
  private final Cf cf;
  private @Nullable RocksCursor cursor;

  LentCursor(RocksSnapshot owner, Cf cf, RocksCursor cursor) {
    this.owner = owner;
    this.cf = cf;
    this.cursor = cursor;
  }

  private RocksCursor lent() {
    RocksCursor held = cursor;
    if (held == null) {
      throw new EngineException(EngineException.Kind.CLOSED, "the cursor is closed");
    }
    return held;
  }

  @Override
  public boolean valid() {
    return lent().valid();
  }

  @Override
  public boolean seek(byte[] key) {
    return lent().seek(key);
  }

  @Override
  public boolean seekForPrev(byte[] key) {
    return lent().seekForPrev(key);
  }

  @Override
  public boolean seekToFirst() {
    return lent().seekToFirst();
  }

  @Override
  public boolean seekToLast() {
    return lent().seekToLast();
  }

  @Override
  public boolean next() {
    return lent().next();
  }

  @Override
  public boolean prev() {
    return lent().prev();
  }

  @Override
  public byte[] key() {
    return lent().key();
  }

  @Override
  public byte[] value() {
    return lent().value();
  }

  @Override
  public void close() {
    RocksCursor held = cursor;
    if (held != null) {
      cursor = null;
      owner.giveBack(cf, held);
    }
  }
}
