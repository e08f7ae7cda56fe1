package io.rutile.txn.record;

import org.jspecify.annotations.Nullable;

/** What a lock will become at commit; its code is the first byte of the record. */
public enum LockType {
  PUT('P', WriteType.PUT),
  DELETE('D', WriteType.DELETE),
  /** Protects a key without changing it; never blocks readers. */
  LOCK('L', WriteType.LOCK),
  /** Taken before the value is known; becomes one of the others at prewrite. */
  PESSIMISTIC('S', null);

  private final byte code;
  private final @Nullable WriteType writeType;

  LockType(char code, @Nullable WriteType writeType) {
    this.code = (byte) code;
    this.writeType = writeType;
  }

  byte code() {
    return code;
  }

  /** The type of the commit record, none for a pessimistic lock. */
  public @Nullable WriteType writeType() {
    return writeType;
  }

  static @Nullable LockType ofCode(byte code) {
    return switch (code) {
      case 'P' -> PUT;
      case 'D' -> DELETE;
      case 'L' -> LOCK;
      case 'S' -> PESSIMISTIC;
      default -> null;
    };
  }
}
