package io.rutile.txn.command;

import java.util.List;

/** Estimates of what commands without values will write. */
final class CommandSizes {
  /** Bytes of a lock or write record without a value, roughly. */
  private static final int RECORD_BYTES = 64;

  private CommandSizes() {}

  static long keys(List<byte[]> encodedKeys) {
    long bytes = 0;
    for (byte[] key : encodedKeys) {
      bytes += key.length + RECORD_BYTES;
    }
    return bytes;
  }
}
