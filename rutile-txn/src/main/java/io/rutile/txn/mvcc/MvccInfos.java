package io.rutile.txn.mvcc;

import static com.google.protobuf.UnsafeByteOperations.unsafeWrap;

import io.rutile.base.bytes.Bytes;
import io.rutile.base.codec.KeyCodec;
import io.rutile.base.codec.TimeStamp;
import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineIterator;
import io.rutile.engine.api.ReadOptions;
import io.rutile.proto.kvrpcpb.MvccInfo;
import io.rutile.proto.kvrpcpb.MvccLock;
import io.rutile.proto.kvrpcpb.MvccValue;
import io.rutile.proto.kvrpcpb.MvccWrite;
import io.rutile.proto.kvrpcpb.Op;
import io.rutile.txn.error.LockInfos;
import io.rutile.txn.gate.RegionSnapshot;
import io.rutile.txn.record.Lock;
import io.rutile.txn.record.Write;
import io.rutile.txn.record.WriteCodec;
import io.rutile.txn.record.WriteRef;
import io.rutile.txn.record.WriteType;
import org.jspecify.annotations.Nullable;

/** Everything that stands under a key, for those who debug. */
public final class MvccInfos {
  private MvccInfos() {}

  public static MvccInfo of(RegionSnapshot snapshot, byte[] encodedKey, ReadStatistics statistics) {
    MvccInfo.Builder info = MvccInfo.newBuilder();
    try (MvccReader reader = new MvccReader(snapshot, statistics)) {
      if (reader.loadLock(encodedKey) instanceof Lock lock) {
        info.setLock(lock(lock));
      }
    }
    byte[] lower = KeyCodec.appendTimestamp(encodedKey, TimeStamp.MAX);
    byte[] upper = Bytes.next(KeyCodec.appendTimestamp(encodedKey, 0));
    try (EngineIterator writes = snapshot.iterator(Cf.WRITE, lower, upper, ReadOptions.DEFAULT)) {
      for (boolean valid = writes.seek(lower); valid; valid = writes.next()) {
        info.addWrites(write(WriteCodec.decode(writes.value()), KeyCodec.timestamp(writes.key())));
        statistics.write().next++;
      }
    }
    try (EngineIterator values = snapshot.iterator(Cf.DEFAULT, lower, upper, ReadOptions.DEFAULT)) {
      for (boolean valid = values.seek(lower); valid; valid = values.next()) {
        info.addValues(
            MvccValue.newBuilder()
                .setStartTs(KeyCodec.timestamp(values.key()))
                .setValue(unsafeWrap(values.value())));
        statistics.data().next++;
      }
    }
    return info.build();
  }

  /** The first encoded key with a write of the transaction, found by reading all; or null. */
  public static byte @Nullable [] findKey(
      RegionSnapshot snapshot, long startTs, ReadStatistics statistics) {
    WriteRef write = new WriteRef();
    try (EngineIterator writes =
        snapshot.iterator(Cf.WRITE, Bytes.EMPTY, Bytes.EMPTY, ReadOptions.DEFAULT)) {
      for (boolean valid = writes.seekToFirst(); valid; valid = writes.next()) {
        statistics.write().next++;
        if (write.parse(writes.value()).startTs() == startTs) {
          return KeyCodec.truncateTimestamp(writes.key());
        }
      }
    }
    return null;
  }

  private static MvccLock lock(Lock lock) {
    MvccLock.Builder out =
        MvccLock.newBuilder()
            .setType(LockInfos.op(lock.type()))
            .setStartTs(lock.startTs())
            .setPrimary(unsafeWrap(lock.primary()))
            .setTtl(lock.ttl())
            .setForUpdateTs(lock.forUpdateTs())
            .setTxnSize(lock.txnSize())
            .setUseAsyncCommit(lock.useAsyncCommit())
            .setLastChangeTs(lock.lastChange().timestampPart())
            .setVersionsToLastChange(lock.lastChange().versionsPart());
    byte[] shortValue = lock.shortValue();
    if (shortValue != null) {
      out.setShortValue(unsafeWrap(shortValue));
    }
    lock.secondaries().forEach(key -> out.addSecondaries(unsafeWrap(key)));
    for (long timestamp : lock.rollbackTs()) {
      out.addRollbackTs(timestamp);
    }
    return out.build();
  }

  private static MvccWrite write(Write write, long commitTs) {
    MvccWrite.Builder out =
        MvccWrite.newBuilder()
            .setType(op(write.type()))
            .setStartTs(write.startTs())
            .setCommitTs(commitTs)
            .setHasOverlappedRollback(write.hasOverlappedRollback())
            .setLastChangeTs(write.lastChange().timestampPart())
            .setVersionsToLastChange(write.lastChange().versionsPart());
    byte[] shortValue = write.shortValue();
    if (shortValue != null) {
      out.setShortValue(unsafeWrap(shortValue));
    }
    Long fence = write.gcFence();
    if (fence != null) {
      out.setHasGcFence(true).setGcFence(fence);
    }
    return out.build();
  }

  private static Op op(WriteType type) {
    return switch (type) {
      case PUT -> Op.Put;
      case DELETE -> Op.Del;
      case LOCK -> Op.Lock;
      case ROLLBACK -> Op.Rollback;
    };
  }
}
