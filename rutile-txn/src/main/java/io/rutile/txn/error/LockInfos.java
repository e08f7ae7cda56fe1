package io.rutile.txn.error;

import static com.google.protobuf.UnsafeByteOperations.unsafeWrap;

import io.rutile.proto.kvrpcpb.LockInfo;
import io.rutile.proto.kvrpcpb.Op;
import io.rutile.txn.record.Lock;
import io.rutile.txn.record.LockRecord;
import io.rutile.txn.record.LockType;
import io.rutile.txn.record.SharedLocks;

/** Locks as clients see them. */
public final class LockInfos {
  private LockInfos() {}

  public static LockInfo of(byte[] rawKey, LockRecord record) {
    return switch (record) {
      case Lock lock -> of(rawKey, lock);
      case SharedLocks shared -> ofShared(rawKey, shared);
    };
  }

  public static LockInfo of(byte[] rawKey, Lock lock) {
    LockInfo.Builder info =
        LockInfo.newBuilder()
            .setPrimaryLock(unsafeWrap(lock.primary()))
            .setLockVersion(lock.startTs())
            .setKey(unsafeWrap(rawKey))
            .setLockTtl(lock.ttl())
            .setTxnSize(lock.txnSize())
            .setLockType(op(lock.type()))
            .setLockForUpdateTs(lock.forUpdateTs())
            .setUseAsyncCommit(lock.useAsyncCommit())
            .setMinCommitTs(lock.minCommitTs());
    for (byte[] secondary : lock.secondaries()) {
      info.addSecondaries(unsafeWrap(secondary));
    }
    return info.build();
  }

  /** A container names only its key and its members. */
  private static LockInfo ofShared(byte[] rawKey, SharedLocks shared) {
    LockInfo.Builder info =
        LockInfo.newBuilder().setKey(unsafeWrap(rawKey)).setLockType(Op.SharedLock);
    for (Lock member : shared.members()) {
      info.addSharedLockInfos(of(rawKey, member));
    }
    return info.build();
  }

  public static Op op(LockType type) {
    return switch (type) {
      case PUT -> Op.Put;
      case DELETE -> Op.Del;
      case LOCK -> Op.Lock;
      case PESSIMISTIC -> Op.PessimisticLock;
    };
  }
}
