package io.rutile.txn.mvcc;

import io.rutile.txn.record.LockRecord;

/** A lock record and the encoded key it stands under. */
public record KeyLock(byte[] encodedKey, LockRecord lock) {}
