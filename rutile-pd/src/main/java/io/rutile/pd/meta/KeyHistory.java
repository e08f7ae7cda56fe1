package io.rutile.pd.meta;

import io.rutile.proto.mvccpb.KeyValue;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All kept versions of one key, ascending by revision. Immutable, so that readers need no lock: the
 * applying thread replaces the whole history. A version of number 0 is a deletion.
 */
final class KeyHistory {
  private final KeyValue[] versions;

  private KeyHistory(KeyValue[] versions) {
    this.versions = versions;
  }

  static KeyHistory of(KeyValue first) {
    return new KeyHistory(new KeyValue[] {first});
  }

  static KeyHistory of(List<KeyValue> versions) {
    return new KeyHistory(versions.toArray(new KeyValue[0]));
  }

  static boolean isDeletion(KeyValue version) {
    return version.getVersion() == 0;
  }

  KeyHistory append(KeyValue version) {
    int last = versions.length - 1;
    if (versions[last].getModRevision() == version.getModRevision()) {
      KeyValue[] replaced = versions.clone();
      replaced[last] = version;
      return new KeyHistory(replaced);
    }
    KeyValue[] extended = Arrays.copyOf(versions, versions.length + 1);
    extended[versions.length] = version;
    return new KeyHistory(extended);
  }

  /** The pair as of {@code revision}, or null when the key did not exist then. */
  @Nullable KeyValue at(long revision) {
    int index = indexAt(revision);
    return index < 0 || isDeletion(versions[index]) ? null : versions[index];
  }

  /** Index of the newest version not newer than {@code revision}, -1 for none. */
  private int indexAt(long revision) {
    int low = 0;
    int high = versions.length - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (versions[middle].getModRevision() <= revision) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return high;
  }

  /** Versions of {@code revision} and later, ascending. */
  List<KeyValue> since(long revision) {
    int from = indexAt(revision - 1) + 1;
    return Arrays.asList(versions).subList(from, versions.length);
  }

  List<KeyValue> all() {
    return List.of(versions);
  }

  /**
   * Without what cannot be read any more at {@code compactRevision} and later; null when nothing
   * remains.
   */
  @Nullable KeyHistory compact(long compactRevision) {
    int keep = indexAt(compactRevision);
    if (keep < 0) {
      return this;
    }
    if (isDeletion(versions[keep]) && versions[keep].getModRevision() < compactRevision) {
      keep++;
    }
    if (keep == versions.length) {
      return null;
    }
    return keep == 0 ? this : new KeyHistory(Arrays.copyOfRange(versions, keep, versions.length));
  }
}
