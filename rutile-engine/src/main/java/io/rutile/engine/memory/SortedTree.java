package io.rutile.engine.memory;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An immutable sorted map of byte arrays: an AVL tree whose changes share all but the path to the
 * change. A snapshot is a reference, which is what lets the memory engine keep every state since
 * the last sync. Keys are ordered by unsigned bytes. Any thread may read it.
 */
final class SortedTree {
  static final SortedTree EMPTY = new SortedTree(null);

  /** A key, its value, and the entries around them. */
  static final class Node {
    final byte[] key;
    final byte[] value;
    private final @Nullable Node left;
    private final @Nullable Node right;
    private final int height;
    private final int size;

    private Node(byte[] key, byte[] value, @Nullable Node left, @Nullable Node right) {
      this.key = key;
      this.value = value;
      this.left = left;
      this.right = right;
      this.height = 1 + Math.max(height(left), height(right));
      this.size = 1 + size(left) + size(right);
    }
  }

  private final @Nullable Node root;

  private SortedTree(@Nullable Node root) {
    this.root = root;
  }

  int size() {
    return size(root);
  }

  byte @Nullable [] get(byte[] key) {
    Node node = root;
    while (node != null) {
      int order = Arrays.compareUnsigned(key, node.key);
      if (order == 0) {
        return node.value;
      }
      node = order < 0 ? node.left : node.right;
    }
    return null;
  }

  SortedTree put(byte[] key, byte[] value) {
    return new SortedTree(put(root, key, value));
  }

  SortedTree remove(byte[] key) {
    Node changed = remove(root, key);
    return changed == root ? this : new SortedTree(changed);
  }

  /** Without the keys of [start, end); an empty end means no bound. */
  SortedTree removeRange(byte[] start, byte[] end) {
    SortedTree tree = this;
    for (Node at = atOrAfter(start);
        at != null && (end.length == 0 || Arrays.compareUnsigned(at.key, end) < 0);
        at = after(at.key)) {
      tree = tree.remove(at.key);
    }
    return tree;
  }

  @Nullable Node first() {
    Node node = root;
    while (node != null && node.left != null) {
      node = node.left;
    }
    return node;
  }

  @Nullable Node last() {
    Node node = root;
    while (node != null && node.right != null) {
      node = node.right;
    }
    return node;
  }

  @Nullable Node atOrAfter(byte[] key) {
    return toTheRight(key, true);
  }

  @Nullable Node after(byte[] key) {
    return toTheRight(key, false);
  }

  @Nullable Node atOrBefore(byte[] key) {
    return toTheLeft(key, true);
  }

  @Nullable Node before(byte[] key) {
    return toTheLeft(key, false);
  }

  private @Nullable Node toTheRight(byte[] key, boolean orEqual) {
    Node found = null;
    Node node = root;
    while (node != null) {
      int order = Arrays.compareUnsigned(key, node.key);
      if (order < 0 || (order == 0 && orEqual)) {
        found = node;
        node = node.left;
      } else {
        node = node.right;
      }
    }
    return found;
  }

  private @Nullable Node toTheLeft(byte[] key, boolean orEqual) {
    Node found = null;
    Node node = root;
    while (node != null) {
      int order = Arrays.compareUnsigned(key, node.key);
      if (order > 0 || (order == 0 && orEqual)) {
        found = node;
        node = node.right;
      } else {
        node = node.left;
      }
    }
    return found;
  }

  private static int height(@Nullable Node node) {
    return node == null ? 0 : node.height;
  }

  private static int size(@Nullable Node node) {
    return node == null ? 0 : node.size;
  }

  private static Node put(@Nullable Node node, byte[] key, byte[] value) {
    if (node == null) {
      return new Node(key, value, null, null);
    }
    int order = Arrays.compareUnsigned(key, node.key);
    if (order == 0) {
      return new Node(key, value, node.left, node.right);
    }
    return order < 0
        ? balanced(node, put(node.left, key, value), node.right)
        : balanced(node, node.left, put(node.right, key, value));
  }

  private static @Nullable Node remove(@Nullable Node node, byte[] key) {
    if (node == null) {
      return null;
    }
    int order = Arrays.compareUnsigned(key, node.key);
    if (order < 0) {
      Node left = remove(node.left, key);
      return left == node.left ? node : balanced(node, left, node.right);
    }
    if (order > 0) {
      Node right = remove(node.right, key);
      return right == node.right ? node : balanced(node, node.left, right);
    }
    if (node.left == null) {
      return node.right;
    }
    if (node.right == null) {
      return node.left;
    }
    Node successor = node.right;
    while (successor.left != null) {
      successor = successor.left;
    }
    return balanced(successor, node.left, remove(node.right, successor.key));
  }

  /** The entry of {@code at} over these two trees, whose heights differ by two at most. */
  private static Node balanced(Node at, @Nullable Node left, @Nullable Node right) {
    if (left != null && left.height > height(right) + 1) {
      Node inner = left.right;
      if (inner != null && inner.height > height(left.left)) {
        return new Node(
            inner.key,
            inner.value,
            new Node(left.key, left.value, left.left, inner.left),
            new Node(at.key, at.value, inner.right, right));
      }
      return new Node(
          left.key, left.value, left.left, new Node(at.key, at.value, left.right, right));
    }
    if (right != null && right.height > height(left) + 1) {
      Node inner = right.left;
      if (inner != null && inner.height > height(right.right)) {
        return new Node(
            inner.key,
            inner.value,
            new Node(at.key, at.value, left, inner.left),
            new Node(right.key, right.value, inner.right, right.right));
      }
      return new Node(
          right.key, right.value, new Node(at.key, at.value, left, right.left), right.right);
    }
    return new Node(at.key, at.value, left, right);
  }
}
