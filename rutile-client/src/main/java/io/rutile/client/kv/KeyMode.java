package io.rutile.client.kv;

import io.rutile.base.bytes.Bytes;
import io.rutile.base.codec.KeyCodec;
import io.rutile.proto.kvrpcpb.APIVersion;

/**
 * How a client's keys look in requests and in PD's region bounds: with the prefix of their keyspace
 * in API V2, and encoded in PD but for raw keys of API V1.
 *
 * @param version API version that requests declare
 * @param prefix what every key of the client starts with; empty in API V1
 * @param encodedInPd whether region bounds are memory-comparable encoded keys
 */
public record KeyMode(APIVersion version, byte[] prefix, boolean encodedInPd) {
  public static final KeyMode RAW_V1 = new KeyMode(APIVersion.V1, Bytes.EMPTY, false);
  public static final KeyMode TXN_V1 = new KeyMode(APIVersion.V1, Bytes.EMPTY, true);

  public static KeyMode rawV2(int keyspaceId) {
    return new KeyMode(APIVersion.V2, keyspacePrefix('r', keyspaceId), true);
  }

  public static KeyMode txnV2(int keyspaceId) {
    return new KeyMode(APIVersion.V2, keyspacePrefix('x', keyspaceId), true);
  }

  /** The key as requests carry it. */
  byte[] toRequest(byte[] key) {
    return prefix.length == 0 ? key : Bytes.concat(prefix, key);
  }

  /** An upper bound as requests carry it: the end of the keyspace for no bound. */
  byte[] endToRequest(byte[] end) {
    return end.length == 0 && prefix.length > 0 ? Bytes.prefixEnd(prefix) : toRequest(end);
  }

  /** The user's key of one in a response. */
  byte[] fromResponse(byte[] key) {
    return prefix.length == 0 ? key : java.util.Arrays.copyOfRange(key, prefix.length, key.length);
  }

  /** The key of a request as PD and region bounds know it. */
  byte[] toRegion(byte[] requestKey) {
    return encodedInPd ? KeyCodec.encode(requestKey) : requestKey;
  }

  /**
   * A region bound as a request key; bounds that are no encoded key (which PD may make) have no
   * counterpart.
   */
  byte[] boundToRequest(byte[] bound) {
    return encodedInPd && bound.length > 0 ? KeyCodec.decode(bound) : bound;
  }

  private static byte[] keyspacePrefix(char mode, int id) {
    return new byte[] {(byte) mode, (byte) (id >>> 16), (byte) (id >>> 8), (byte) id};
  }
}
