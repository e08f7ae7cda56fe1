package io.rutile.txn.mvcc;

import org.jspecify.annotations.Nullable;

/** Rows of a range in key order or against it. Owned by one thread; closed before its snapshot. */
public sealed interface RowScanner extends AutoCloseable permits ForwardScanner, BackwardScanner {
  /**
   * The next row, null at the end.
   *
   * @throws io.rutile.txn.error.TxnException when the next key is locked or, for reads that check
   *     it, has a newer version. The scanner is past that key then and can go on
   */
  @Nullable KvRow next();

  @Override
  void close();
}
