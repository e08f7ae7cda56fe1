package io.rutile.txn.record;

import org.jspecify.annotations.Nullable;

/** What a write record says happened to its key; its code is the first byte of the record. */
public enum WriteType {
  PUT('P'),
  DELETE('D'),
  /** Committed without a change. */
  LOCK('L'),
  /** The transaction is rolled back; the record's timestamp is its start_ts. */
  ROLLBACK('R');

  private final byte code;

  WriteType(char code) {
    this.code = (byte) code;
  }

  byte code() {
    return code;
  }

  /** Whether the record changes what readers see. */
  public boolean changesValue() {
    return this == PUT || this == DELETE;
  }

  static @Nullable WriteType ofCode(byte code) {
    return switch (code) {
      case 'P' -> PUT;
      case 'D' -> DELETE;
      case 'L' -> LOCK;
      case 'R' -> ROLLBACK;
      default -> null;
    };
  }
}
