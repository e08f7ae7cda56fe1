package io.rutile.store.peer;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import io.rutile.proto.kvrpcpb.KeyRange;
import io.rutile.proto.kvrpcpb.LockInfo;
import io.rutile.proto.raftcmdpb.ReadIndexRequest;
import io.rutile.proto.raftcmdpb.ReadIndexResponse;
import io.rutile.txn.gate.ReadGuard;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What travels with a read index question and comes back with its answer: who asked, a number, the
 * reads' timestamps and ranges for the leader's in-memory locks, and, on the way back, the lock
 * that blocks them. Layout: peer id and number as 8 bytes each, one byte that tells question (0)
 * from refusal (1), then a {@code ReadIndexRequest} or a {@code ReadIndexResponse}.
 */
record ReadIndexContext(long peerId, long id, ReadIndexRequest request, @Nullable LockInfo locked) {
  private static final int HEADER = 17;
  private static final byte QUESTION = 0;
  private static final byte REFUSAL = 1;

  static @Nullable ReadIndexContext parse(ByteString bytes) {
    if (bytes.size() < HEADER) {
      return null;
    }
    ByteBuffer header = bytes.asReadOnlyByteBuffer();
    long peerId = header.getLong();
    long id = header.getLong();
    byte kind = header.get();
    ByteString body = bytes.substring(HEADER);
    try {
      if (kind == REFUSAL) {
        return new ReadIndexContext(
            peerId,
            id,
            ReadIndexRequest.getDefaultInstance(),
            ReadIndexResponse.parseFrom(body).getLocked());
      }
      return new ReadIndexContext(peerId, id, ReadIndexRequest.parseFrom(body), null);
    } catch (InvalidProtocolBufferException e) {
      return null;
    }
  }

  static ByteString question(long peerId, long id, List<ReadRequest> reads) {
    ReadIndexRequest.Builder request = ReadIndexRequest.newBuilder();
    for (ReadRequest read : reads) {
      if (read.guard() instanceof ReadGuard.Replica replica && replica.startTs() != 0) {
        if (Long.compareUnsigned(replica.startTs(), request.getStartTs()) > 0) {
          request.setStartTs(replica.startTs());
        }
        for (ReadGuard.KeyRange range : replica.ranges()) {
          request.addKeyRanges(
              KeyRange.newBuilder()
                  .setStartKey(UnsafeByteOperations.unsafeWrap(range.start()))
                  .setEndKey(UnsafeByteOperations.unsafeWrap(range.end())));
        }
      }
    }
    return encode(peerId, id, QUESTION, request.build().toByteArray());
  }

  /** The same question with the lock that stands in the way. */
  ByteString refusedBy(LockInfo lock) {
    return encode(
        peerId, id, REFUSAL, ReadIndexResponse.newBuilder().setLocked(lock).build().toByteArray());
  }

  List<ReadGuard.KeyRange> ranges() {
    return request.getKeyRangesList().stream()
        .map(range ->
            new ReadGuard.KeyRange(
                range.getStartKey().toByteArray(), range.getEndKey().toByteArray()))
        .toList();
  }

  private static ByteString encode(long peerId, long id, byte kind, byte[] body) {
    byte[] bytes = new byte[HEADER + body.length];
    ByteBuffer.wrap(bytes).putLong(peerId).putLong(id).put(kind).put(body);
    return UnsafeByteOperations.unsafeWrap(bytes);
  }
}
