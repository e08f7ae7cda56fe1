package io.rutile.pd.core;

import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * An immutable map from {@code long} to {@code V}, ordered by key: a weight-balanced tree of which
 * a change copies the path to the root and shares the rest. Entries can be picked by rank.
 *
 * @param <V> value type
 */
public final class LongTree<V> {
  private static final int BALANCE = 3;
  private static final int DOUBLE_ROTATION = 2;

  private static final class Node<V> {
    private final long key;
    private final V value;
    private final @Nullable Node<V> left;
    private final @Nullable Node<V> right;
    private final int size;

    private Node(long key, V value, @Nullable Node<V> left, @Nullable Node<V> right) {
      this.key = key;
      this.value = value;
      this.left = left;
      this.right = right;
      this.size = 1 + sizeOf(left) + sizeOf(right);
    }
  }

  private final @Nullable Node<V> root;

  private LongTree(@Nullable Node<V> root) {
    this.root = root;
  }

  public static <V> LongTree<V> empty() {
    return new LongTree<>(null);
  }

  private static int sizeOf(@Nullable Node<?> node) {
    return node == null ? 0 : node.size;
  }

  public int size() {
    return sizeOf(root);
  }

  public @Nullable V get(long key) {
    Node<V> node = root;
    while (node != null) {
      if (key == node.key) {
        return node.value;
      }
      node = key < node.key ? node.left : node.right;
    }
    return null;
  }

  public LongTree<V> put(long key, V value) {
    return new LongTree<>(put(root, key, value));
  }

  private static <V> Node<V> put(@Nullable Node<V> node, long key, V value) {
    if (node == null) {
      return new Node<>(key, value, null, null);
    }
    if (key == node.key) {
      return new Node<>(key, value, node.left, node.right);
    }
    return key < node.key
        ? balanced(node.key, node.value, put(node.left, key, value), node.right)
        : balanced(node.key, node.value, node.left, put(node.right, key, value));
  }

  public LongTree<V> remove(long key) {
    return get(key) == null ? this : new LongTree<>(remove(root, key));
  }

  private static <V> @Nullable Node<V> remove(@Nullable Node<V> node, long key) {
    if (node == null) {
      return null;
    }
    if (key < node.key) {
      return balanced(node.key, node.value, remove(node.left, key), node.right);
    }
    if (key > node.key) {
      return balanced(node.key, node.value, node.left, remove(node.right, key));
    }
    if (node.left == null) {
      return node.right;
    }
    if (node.right == null) {
      return node.left;
    }
    Node<V> successor = node.right;
    while (successor.left != null) {
      successor = successor.left;
    }
    return balanced(successor.key, successor.value, node.left, remove(node.right, successor.key));
  }

  private static <V> Node<V> balanced(
      long key, V value, @Nullable Node<V> left, @Nullable Node<V> right) {
    int leftSize = sizeOf(left);
    int rightSize = sizeOf(right);
    if (leftSize + rightSize <= 1) {
      return new Node<>(key, value, left, right);
    }
    if (right != null && rightSize > BALANCE * leftSize) {
      Node<V> inner = right.left;
      if (inner != null && inner.size >= DOUBLE_ROTATION * sizeOf(right.right)) {
        return new Node<>(
            inner.key,
            inner.value,
            new Node<>(key, value, left, inner.left),
            new Node<>(right.key, right.value, inner.right, right.right));
      }
      return new Node<>(right.key, right.value, new Node<>(key, value, left, inner), right.right);
    }
    if (left != null && leftSize > BALANCE * rightSize) {
      Node<V> inner = left.right;
      if (inner != null && inner.size >= DOUBLE_ROTATION * sizeOf(left.left)) {
        return new Node<>(
            inner.key,
            inner.value,
            new Node<>(left.key, left.value, left.left, inner.left),
            new Node<>(key, value, inner.right, right));
      }
      return new Node<>(left.key, left.value, left.left, new Node<>(key, value, inner, right));
    }
    return new Node<>(key, value, left, right);
  }

  /** The key at position {@code rank}, counted from 0 in key order. */
  public long keyAt(int rank) {
    int remaining = rank;
    Node<V> node = root;
    while (node != null) {
      int before = sizeOf(node.left);
      if (remaining < before) {
        node = node.left;
      } else if (remaining == before) {
        return node.key;
      } else {
        remaining -= before + 1;
        node = node.right;
      }
    }
    throw new IndexOutOfBoundsException("rank " + rank + " of " + size());
  }

  /** Calls back every entry in key order. */
  public void forEach(BiConsumer<Long, V> consumer) {
    visit(root, consumer);
  }

  private static <V> void visit(@Nullable Node<V> node, BiConsumer<Long, V> consumer) {
    if (node != null) {
      visit(node.left, consumer);
      consumer.accept(node.key, node.value);
      visit(node.right, consumer);
    }
  }
}
