package io.rutile.txn.keymode;

/** Owner of a key in API version 2, told by its first byte. */
public enum KeyMode {
  RAW,
  TXN,
  TIDB,
  UNKNOWN;

  public static final byte RAW_PREFIX = 'r';
  public static final byte TXN_PREFIX = 'x';

  public static KeyMode of(byte[] userKey) {
    return userKey.length == 0 ? UNKNOWN : of(userKey[0]);
  }

  private static KeyMode of(byte first) {
    return switch (first) {
      case RAW_PREFIX -> RAW;
      case TXN_PREFIX -> TXN;
      case 'm', 't' -> TIDB;
      default -> UNKNOWN;
    };
  }

  /**
   * The mode of [start, end): that of its keys when all must have the same first byte, which is so
   * when both bounds begin with it or the end is the single next byte.
   */
  public static KeyMode ofRange(byte[] start, byte[] end) {
    if (start.length == 0 || end.length == 0) {
      return UNKNOWN;
    }
    boolean sameFirst = start[0] == end[0];
    boolean endIsNext = end.length == 1 && end[0] == (byte) (start[0] + 1);
    if (sameFirst || endIsNext) {
      return of(start[0]);
    }
    boolean tidb =
        of(start[0]) == TIDB && (of(end[0]) == TIDB || (end.length == 1 && end[0] == 'u'));
    return tidb ? TIDB : UNKNOWN;
  }
}
