package io.rutile.txn.command.action;

import com.google.protobuf.ByteString;
import io.rutile.base.codec.KeyCodec;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.RequestOrigin;
import io.rutile.txn.error.TxnError;
import io.rutile.txn.error.TxnException;
import java.util.ArrayList;
import java.util.List;

/** Checks that every request has to pass, whoever sent it. */
public final class Requests {
  private Requests() {}

  /** Refuses a start_ts that the oracle never gives. */
  public static void checkStartTs(long startTs) {
    if (startTs == 0) {
      throw bad("start_ts must not be 0");
    }
  }

  /** Refuses a request without keys. */
  public static void checkNotEmpty(List<?> keys, String what) {
    if (keys.isEmpty()) {
      throw bad("request has no " + what);
    }
  }

  /** Refuses a commit that does not lie above its start. */
  public static void checkCommitTs(long startTs, long commitTs) {
    if (Long.compareUnsigned(commitTs, startTs) <= 0) {
      throw new TxnError.InvalidTxnTso(startTs, commitTs).exception();
    }
  }

  public static TxnException bad(String message) {
    return new TxnError.BadRequest(message).exception();
  }

  /**
   * Whether the timestamps of a request must not lie above the oracle's at all: those that clients
   * other than TiDB make up have been seen to be wrong.
   */
  public static boolean isExactOrigin(Context context) {
    return context.getRequestOrigin() != RequestOrigin.RequestOriginTiDB;
  }

  /** The keys as they are stored. */
  public static List<byte[]> encode(List<ByteString> rawKeys) {
    List<byte[]> encoded = new ArrayList<>(rawKeys.size());
    for (ByteString key : rawKeys) {
      encoded.add(KeyCodec.encode(key.toByteArray()));
    }
    return encoded;
  }
}
