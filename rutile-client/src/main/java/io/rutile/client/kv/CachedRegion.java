package io.rutile.client.kv;

import io.rutile.base.bytes.Bytes;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.Region;

/**
 * A region and the peer that requests for it go to.
 *
 * @param startKey inclusive, as PD knows it
 * @param endKey exclusive, empty for no bound
 */
record CachedRegion(Region meta, Peer leader, byte[] startKey, byte[] endKey) {
  static CachedRegion of(Region meta, Peer leader) {
    return new CachedRegion(
        meta, leader, meta.getStartKey().toByteArray(), meta.getEndKey().toByteArray());
  }

  boolean contains(byte[] regionKey) {
    return Bytes.inRange(regionKey, startKey, endKey);
  }
}
