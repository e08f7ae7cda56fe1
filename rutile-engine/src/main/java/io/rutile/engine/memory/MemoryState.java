package io.rutile.engine.memory;

import io.rutile.engine.api.Cf;
import io.rutile.engine.batch.EncodedBatch;
import java.util.Arrays;

/** One immutable state of all column families. */
final class MemoryState {
  static final MemoryState EMPTY = new MemoryState(emptyTrees());

  private final SortedTree[] trees;

  private MemoryState(SortedTree[] trees) {
    this.trees = trees;
  }

  private static SortedTree[] emptyTrees() {
    SortedTree[] trees = new SortedTree[Cf.values().length];
    Arrays.fill(trees, SortedTree.EMPTY);
    return trees;
  }

  SortedTree tree(Cf cf) {
    return trees[cf.ordinal()];
  }

  MemoryState with(Cf cf, SortedTree tree) {
    SortedTree[] changed = trees.clone();
    changed[cf.ordinal()] = tree;
    return new MemoryState(changed);
  }

  MemoryState after(EncodedBatch batch) {
    SortedTree[] changed = trees.clone();
    batch.forEach(
        new EncodedBatch.Visitor() {
          @Override
          public void put(Cf cf, byte[] key, byte[] value) {
            changed[cf.ordinal()] = changed[cf.ordinal()].put(key, value);
          }

          @Override
          public void delete(Cf cf, byte[] key) {
            changed[cf.ordinal()] = changed[cf.ordinal()].remove(key);
          }

          @Override
          public void deleteRange(Cf cf, byte[] start, byte[] end) {
            changed[cf.ordinal()] = changed[cf.ordinal()].removeRange(start, end);
          }
        });
    return new MemoryState(changed);
  }
}
