package io.rutile.txn.pool;

import io.rutile.proto.kvrpcpb.CommandPri;

/** Which of a pool's queues a task waits in. */
public enum Priority {
  HIGH,
  NORMAL,
  LOW;

  public static Priority of(CommandPri wire) {
    return switch (wire) {
      case High -> HIGH;
      case Low -> LOW;
      case Normal, UNRECOGNIZED -> NORMAL;
    };
  }
}
