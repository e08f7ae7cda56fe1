package io.rutile.engine.memory;

import io.rutile.base.bytes.Bytes;
import io.rutile.engine.api.EngineException;
import io.rutile.engine.api.EngineIterator;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A cursor over one immutable tree. Owned by one thread. */
final class MemoryIterator implements EngineIterator {
  private final SortedTree tree;
  private final byte[] lower;
  private final byte[] upper;
  private final BooleanSupplier ownerClosed;
  private SortedTree.@Nullable Node at;
  private boolean closed;

  MemoryIterator(SortedTree tree, byte[] lower, byte[] upper, BooleanSupplier ownerClosed) {
    this.tree = tree;
    this.lower = lower;
    this.upper = upper;
    this.ownerClosed = ownerClosed;
  }

  @Override
  public boolean valid() {
    requireOpen();
    return at != null;
  }

  @Override
  public boolean seek(byte[] key) {
    requireOpen();
    return moveTo(tree.atOrAfter(Bytes.compare(key, lower) < 0 ? lower : key));
  }

  @Override
  public boolean seekForPrev(byte[] key) {
    requireOpen();
    return moveTo(
        upper.length > 0 && Bytes.compare(key, upper) >= 0
            ? tree.before(upper)
            : tree.atOrBefore(key));
  }

  @Override
  public boolean seekToFirst() {
    requireOpen();
    return moveTo(tree.atOrAfter(lower));
  }

  @Override
  public boolean seekToLast() {
    requireOpen();
    return moveTo(upper.length == 0 ? tree.last() : tree.before(upper));
  }

  @Override
  public boolean next() {
    return moveTo(tree.after(current().key));
  }

  @Override
  public boolean prev() {
    return moveTo(tree.before(current().key));
  }

  @Override
  public byte[] key() {
    return current().key.clone();
  }

  @Override
  public byte[] value() {
    return current().value.clone();
  }

  @Override
  public void close() {
    closed = true;
    at = null;
  }

  private boolean moveTo(SortedTree.@Nullable Node node) {
    at = node != null && Bytes.inRange(node.key, lower, upper) ? node : null;
    return at != null;
  }

  private SortedTree.Node current() {
    requireOpen();
    if (at == null) {
      throw new EngineException(
          EngineException.Kind.INVALID_ARGUMENT, "the cursor is not on an entry");
    }
    return at;
  }

  private void requireOpen() {
    if (closed || ownerClosed.getAsBoolean()) {
      throw new EngineException(EngineException.Kind.CLOSED, "the cursor is closed");
    }
  }
}
