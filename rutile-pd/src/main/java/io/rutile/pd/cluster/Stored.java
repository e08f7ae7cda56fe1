package io.rutile.pd.cluster;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import io.rutile.base.error.CorruptionException;
import io.rutile.proto.mvccpb.KeyValue;

/** Reading messages back from the store. */
public final class Stored {
  private Stored() {}

  /**
   * @throws CorruptionException when the value is not such a message; the text names the key
   */
  public static <T> T parse(Parser<T> parser, KeyValue pair) {
    try {
      return parser.parseFrom(pair.getValue());
    } catch (InvalidProtocolBufferException e) {
      throw new CorruptionException(
          "PD:proto:ErrProtoUnmarshal", "value of " + pair.getKey().toStringUtf8(), e);
    }
  }
}
