package io.rutile.pd.core;

import io.rutile.base.bytes.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Regions ordered by start key: an immutable weight-balanced tree. A change copies the path to the
 * root, O(log n), and shares the rest, so that a reader's tree never changes under it. Nodes count
 * their subtree, which gives a region by rank (random picks) and counts of ranges in O(log n).
 *
 * <p>The tree itself allows overlapping regions; who puts one in first removes what {@link
 * #overlaps} finds.
 */
public final class RegionTree {
  public static final RegionTree EMPTY = new RegionTree(null);

  /** A subtree may be this many times heavier than its sibling. */
  private static final int BALANCE = 3;

  /** When the inner grandchild is this many times heavier than the outer, rotate twice. */
  private static final int DOUBLE_ROTATION = 2;

  private static final class Node {
    private final RegionInfo region;
    private final @Nullable Node left;
    private final @Nullable Node right;
    private final int size;

    private Node(RegionInfo region, @Nullable Node left, @Nullable Node right) {
      this.region = region;
      this.left = left;
      this.right = right;
      this.size = 1 + sizeOf(left) + sizeOf(right);
    }
  }

  private final @Nullable Node root;

  private RegionTree(@Nullable Node root) {
    this.root = root;
  }

  private static int sizeOf(@Nullable Node node) {
    return node == null ? 0 : node.size;
  }

  public int size() {
    return sizeOf(root);
  }

  /** With {@code region} in place of one of the same start key, if any. */
  public RegionTree put(RegionInfo region) {
    return new RegionTree(put(root, region));
  }

  private static Node put(@Nullable Node node, RegionInfo region) {
    if (node == null) {
      return new Node(region, null, null);
    }
    int order = Bytes.compare(region.startKey(), node.region.startKey());
    if (order == 0) {
      return new Node(region, node.left, node.right);
    }
    return order < 0
        ? balanced(node.region, put(node.left, region), node.right)
        : balanced(node.region, node.left, put(node.right, region));
  }

  /** Without the region of that start key, if any. */
  public RegionTree remove(byte[] startKey) {
    return new RegionTree(remove(root, startKey));
  }

  private static @Nullable Node remove(@Nullable Node node, byte[] startKey) {
    if (node == null) {
      return null;
    }
    int order = Bytes.compare(startKey, node.region.startKey());
    if (order < 0) {
      return balanced(node.region, remove(node.left, startKey), node.right);
    }
    if (order > 0) {
      return balanced(node.region, node.left, remove(node.right, startKey));
    }
    if (node.left == null) {
      return node.right;
    }
    if (node.right == null) {
      return node.left;
    }
    RegionInfo successor = first(node.right);
    return balanced(successor, node.left, remove(node.right, successor.startKey()));
  }

  private static RegionInfo first(Node node) {
    Node at = node;
    while (at.left != null) {
      at = at.left;
    }
    return at.region;
  }

  private static Node balanced(RegionInfo region, @Nullable Node left, @Nullable Node right) {
    int leftSize = sizeOf(left);
    int rightSize = sizeOf(right);
    if (leftSize + rightSize <= 1) {
      return new Node(region, left, right);
    }
    if (right != null && rightSize > BALANCE * leftSize) {
      return rotateLeft(region, left, right);
    }
    if (left != null && leftSize > BALANCE * rightSize) {
      return rotateRight(region, left, right);
    }
    return new Node(region, left, right);
  }

  private static Node rotateLeft(RegionInfo region, @Nullable Node left, Node right) {
    Node inner = right.left;
    if (inner != null && inner.size >= DOUBLE_ROTATION * sizeOf(right.right)) {
      return new Node(
          inner.region,
          new Node(region, left, inner.left),
          new Node(right.region, inner.right, right.right));
    }
    return new Node(right.region, new Node(region, left, inner), right.right);
  }

  private static Node rotateRight(RegionInfo region, Node left, @Nullable Node right) {
    Node inner = left.right;
    if (inner != null && inner.size >= DOUBLE_ROTATION * sizeOf(left.left)) {
      return new Node(
          inner.region,
          new Node(left.region, left.left, inner.left),
          new Node(region, inner.right, right));
    }
    return new Node(left.region, left.left, new Node(region, inner, right));
  }

  /** The region that contains {@code key}, or null. */
  public @Nullable RegionInfo find(byte[] key) {
    RegionInfo floor = floor(key);
    return floor != null && floor.contains(key) ? floor : null;
  }

  /** The region with the greatest start key not greater than {@code key}, or null. */
  public @Nullable RegionInfo floor(byte[] key) {
    RegionInfo best = null;
    Node node = root;
    while (node != null) {
      if (Bytes.compare(node.region.startKey(), key) <= 0) {
        best = node.region;
        node = node.right;
      } else {
        node = node.left;
      }
    }
    return best;
  }

  /** The region with the greatest start key smaller than {@code key}, or null. */
  public @Nullable RegionInfo lower(byte[] key) {
    RegionInfo best = null;
    Node node = root;
    while (node != null) {
      if (Bytes.compare(node.region.startKey(), key) < 0) {
        best = node.region;
        node = node.right;
      } else {
        node = node.left;
      }
    }
    return best;
  }

  /** The region that ends where the one containing {@code key} starts, or null. */
  public @Nullable RegionInfo previous(byte[] key) {
    RegionInfo current = find(key);
    if (current == null) {
      return null;
    }
    RegionInfo before = lower(current.startKey());
    return before != null && Bytes.compare(before.endKey(), current.startKey()) == 0
        ? before
        : null;
  }

  /** The neighbour that starts where {@code region} ends, or null. */
  public @Nullable RegionInfo after(RegionInfo region) {
    if (region.endKey().length == 0) {
      return null;
    }
    RegionInfo next = floor(region.endKey());
    return next != null && Bytes.compare(next.startKey(), region.endKey()) == 0 ? next : null;
  }

  /** The neighbour that ends where {@code region} starts, or null. */
  public @Nullable RegionInfo before(RegionInfo region) {
    RegionInfo before = lower(region.startKey());
    return before != null && Bytes.compare(before.endKey(), region.startKey()) == 0 ? before : null;
  }

  /** Regions that share a key with [start, end), in order; an empty end is unbounded. */
  public List<RegionInfo> overlaps(byte[] start, byte[] end) {
    return scan(start, end, 0);
  }

  /**
   * Regions from the one containing {@code start} (or the next one) while they start before {@code
   * end}.
   *
   * @param limit at most so many, 0 or less for all
   */
  public List<RegionInfo> scan(byte[] start, byte[] end, int limit) {
    List<RegionInfo> found = new ArrayList<>();
    RegionInfo containing = find(start);
    byte[] from = containing == null ? start : containing.startKey();
    forEach(
        from,
        region -> {
          if (end.length > 0 && Bytes.compare(region.startKey(), end) >= 0) {
            return false;
          }
          found.add(region);
          return limit <= 0 || found.size() < limit;
        });
    return found;
  }

  /**
   * Calls back regions whose start key is {@code from} or greater, in order, while it says true.
   */
  public void forEach(byte[] from, Predicate<RegionInfo> consumer) {
    visit(root, from, consumer);
  }

  private static boolean visit(@Nullable Node node, byte[] from, Predicate<RegionInfo> consumer) {
    if (node == null) {
      return true;
    }
    if (Bytes.compare(node.region.startKey(), from) < 0) {
      return visit(node.right, from, consumer);
    }
    return visit(node.left, from, consumer)
        && consumer.test(node.region)
        && visit(node.right, from, consumer);
  }

  /** Number of regions whose start key is smaller than {@code key}. */
  public int rank(byte[] key) {
    int rank = 0;
    Node node = root;
    while (node != null) {
      if (Bytes.compare(node.region.startKey(), key) < 0) {
        rank += 1 + sizeOf(node.left);
        node = node.right;
      } else {
        node = node.left;
      }
    }
    return rank;
  }

  /** The region at position {@code rank}, counted from 0 in key order. */
  public RegionInfo at(int rank) {
    int remaining = rank;
    Node node = root;
    while (node != null) {
      int before = sizeOf(node.left);
      if (remaining < before) {
        node = node.left;
      } else if (remaining == before) {
        return node.region;
      } else {
        remaining -= before + 1;
        node = node.right;
      }
    }
    throw new IndexOutOfBoundsException("rank " + rank + " of " + size());
  }
}
