package io.rutile.txn.command.action;

import io.rutile.base.codec.KeyCodec;
import io.rutile.engine.api.Cf;
import io.rutile.txn.command.ConcurrencyView;
import io.rutile.txn.command.WriteResult.ReleasedLock;
import io.rutile.txn.gate.Modify;
import io.rutile.txn.record.Lock;
import io.rutile.txn.record.LockRecord;
import io.rutile.txn.record.SharedLocks;
import io.rutile.txn.record.Write;
import java.util.ArrayList;
import java.util.List;

/**
 * The changes that a command has decided on so far, in record terms. Nothing takes effect until the
 * command is done; a command that is refused drops them. Owned by one thread.
 */
public final class TxnChanges {
  private final List<Modify> modifies = new ArrayList<>();
  private final List<ReleasedLock> released = new ArrayList<>();
  private final List<ConcurrencyView.Guard> guards = new ArrayList<>();
  private long sizeBytes;

  public void putLock(byte[] encodedKey, LockRecord lock) {
    put(Cf.LOCK, encodedKey, lock.encode());
  }

  public void deleteLock(byte[] encodedKey) {
    delete(Cf.LOCK, encodedKey);
  }

  public void putWrite(byte[] encodedKey, long timestamp, Write write) {
    put(Cf.WRITE, KeyCodec.appendTimestamp(encodedKey, timestamp), write.encode());
  }

  public void deleteWrite(byte[] encodedKey, long timestamp) {
    delete(Cf.WRITE, KeyCodec.appendTimestamp(encodedKey, timestamp));
  }

  public void putValue(byte[] encodedKey, long startTs, byte[] value) {
    put(Cf.DEFAULT, KeyCodec.appendTimestamp(encodedKey, startTs), value);
  }

  public void deleteValue(byte[] encodedKey, long startTs) {
    delete(Cf.DEFAULT, KeyCodec.appendTimestamp(encodedKey, startTs));
  }

  /**
   * Ends a transaction's lock on a key. Of a container only the transaction's part goes.
   *
   * @param record what stands in the lock family
   * @param own the transaction's lock: the record itself or a member of it
   * @param commitTs 0 when the transaction is not committed by this
   */
  public void unlock(byte[] encodedKey, LockRecord record, Lock own, long commitTs) {
    if (record instanceof SharedLocks shared) {
      SharedLocks rest = shared.without(own.startTs());
      if (rest.isEmpty()) {
        deleteLock(encodedKey);
      } else {
        putLock(encodedKey, rest);
      }
    } else {
      deleteLock(encodedKey);
    }
    release(encodedKey, own, commitTs);
  }

  /** Notes the end of a lock that needs no change of the lock family. */
  void release(byte[] encodedKey, Lock own, long commitTs) {
    released.add(new ReleasedLock(encodedKey, own.startTs(), commitTs, own.isPessimistic()));
  }

  void addGuard(ConcurrencyView.Guard guard) {
    guards.add(guard);
  }

  /** Takes the locks that were published in memory away again. */
  public void dropGuards() {
    guards.forEach(ConcurrencyView.Guard::close);
    guards.clear();
  }

  /** Forgets everything. */
  void clear() {
    modifies.clear();
    released.clear();
    sizeBytes = 0;
    dropGuards();
  }

  private void put(Cf cf, byte[] key, byte[] value) {
    modifies.add(new Modify.Put(cf, key, value));
    sizeBytes += key.length + value.length;
  }

  private void delete(Cf cf, byte[] key) {
    modifies.add(new Modify.Delete(cf, key));
    sizeBytes += key.length;
  }

  public List<Modify> modifies() {
    return modifies;
  }

  public List<ReleasedLock> released() {
    return released;
  }

  public List<ConcurrencyView.Guard> guards() {
    return guards;
  }

  /** Bytes of keys and values in {@link #modifies()}. */
  public long sizeBytes() {
    return sizeBytes;
  }
}
