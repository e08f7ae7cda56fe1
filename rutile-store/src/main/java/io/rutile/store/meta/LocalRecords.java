package io.rutile.store.meta;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import io.rutile.base.error.CorruptionException;

/** The store's own records as messages. Stateless. */
public final class LocalRecords {
  private LocalRecords() {}

  /**
   * @param what the record and its region, for the message
   * @throws CorruptionException when the bytes are not such a message
   */
  public static <M> M parse(Parser<M> parser, byte[] bytes, String what) {
    try {
      return parser.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new CorruptionException("KV:Raftstore:Corruption", what + " cannot be decoded", e);
    }
  }
}
