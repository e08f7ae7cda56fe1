package io.rutile.store.read;

import io.rutile.engine.api.Cf;
import io.rutile.store.meta.RegionHandle;
import io.rutile.store.rowcache.RowCache;
import io.rutile.txn.gate.HotRow;
import io.rutile.txn.gate.HotRows;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The kept rows of one region under its leader's lease. As with snapshots, the view and its lease
 * are tested after the rows were read. Counts what is read; the sums go to the region's heartbeat.
 * Owned by one thread.
 */
public final class HotRegion implements HotRows {
  private final RowCache rows;
  private final RegionHandle handle;
  private final ReadView view;
  private final BooleanSupplier leased;
  private long readKeys;
  private long readBytes;

  /**
   * @param leased whether {@code view} is still the region's and its lease valid at the time of the
   *     call; a view that was replaced may have given keys to another region
   */
  public HotRegion(RowCache rows, RegionHandle handle, ReadView view, BooleanSupplier leased) {
    this.rows = rows;
    this.handle = handle;
    this.view = view;
    this.leased = leased;
  }

  @Override
  public @Nullable HotRow find(Cf cf, byte[] encodedKey) {
    if (!view.image().contains(encodedKey)) {
      return null;
    }
    HotRow row = rows.find(cf, encodedKey);
    if (row != null) {
      readKeys++;
      readBytes += encodedKey.length + row.value().length;
    }
    return row;
  }

  @Override
  public boolean confirm() {
    if (!leased.getAsBoolean()) {
      return false;
    }
    if (readKeys > 0) {
      handle.addReads(readKeys, readBytes);
    }
    return true;
  }
}
