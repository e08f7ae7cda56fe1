package io.rutile.store.apply;

import io.rutile.txn.gate.WriteBatchData;

/** Bits of a command header's {@code flags}, as TiKV numbers them. */
public final class WriteFlags {
  public static final long ONE_PC = 1;
  public static final long FLASHBACK = 4;

  private WriteFlags() {}

  public static long of(WriteBatchData.Flags flags) {
    return (flags.onePc() ? ONE_PC : 0) | (flags.flashback() ? FLASHBACK : 0);
  }
}
