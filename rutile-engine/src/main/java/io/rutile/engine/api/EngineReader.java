package io.rutile.engine.api;

import io.rutile.base.bytes.Bytes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads of one consistent or current state. Keys are engine keys: what the layer above calls them
 * is its own affair. I/O failures and corruption are thrown as {@link EngineException}.
 */
public interface EngineReader {
  /** The value, or null when the key is absent. The array belongs to the caller. */
  byte @Nullable [] get(Cf cf, byte[] key);

  /**
   * The values of several keys, each null when its key is absent, in the order of the keys. Cheaper
   * than as many gets where the engine can look them up together.
   */
  default byte[] @Nullable [] multiGet(Cf cf, List<byte[]> keys) {
    byte[] @Nullable [] values = new byte[keys.size()] @Nullable [];
    for (int i = 0; i < values.length; i++) {
      values[i] = get(cf, keys.get(i));
    }
    return values;
  }

  /**
   * A cursor over [lower, upper), where an empty upper bound means no bound. The caller closes it.
   */
  EngineIterator iterator(Cf cf, byte[] lower, byte[] upper, ReadOptions options);

  /**
   * A cursor without bounds for a look at few entries around one key. Cheaper than {@link
   * #iterator} where the engine keeps such cursors for the next user. Where it stands is undefined
   * until it is moved, and it may show keys that the reader otherwise hides: the caller compares.
   * The caller closes it, soon.
   */
  default EngineIterator nearby(Cf cf) {
    return iterator(cf, Bytes.EMPTY, Bytes.EMPTY, ReadOptions.DEFAULT);
  }
}
