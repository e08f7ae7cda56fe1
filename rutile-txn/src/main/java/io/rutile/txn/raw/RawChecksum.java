package io.rutile.txn.raw;

import io.rutile.proto.kvrpcpb.RawChecksumResponse;

/** XOR of the CRC-64 of each entry's key and value, so that parts can be combined in any order. */
final class RawChecksum {
  private final Crc64 crc = new Crc64();
  private long checksum;
  private long entries;
  private long bytes;

  void add(byte[] userKey, byte[] value) {
    crc.reset();
    checksum ^= crc.update(userKey).update(value).value();
    entries++;
    bytes += userKey.length + value.length;
  }

  RawChecksumResponse toResponse() {
    return RawChecksumResponse.newBuilder()
        .setChecksum(checksum)
        .setTotalKvs(entries)
        .setTotalBytes(bytes)
        .build();
  }
}
