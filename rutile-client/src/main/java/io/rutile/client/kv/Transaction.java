package io.rutile.client.kv;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.rutile.base.bytes.Bytes;
import io.rutile.client.pd.PdClient;
import io.rutile.proto.kvrpcpb.KeyError;
import io.rutile.proto.kvrpcpb.Mutation;
import io.rutile.proto.kvrpcpb.Op;
import io.rutile.proto.kvrpcpb.PessimisticLockRequest;
import io.rutile.proto.kvrpcpb.PessimisticLockResponse;
import io.rutile.proto.kvrpcpb.PessimisticRollbackRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One transaction: reads a snapshot and its own writes, buffers writes, and commits them all or
 * none. It must end within the lock TTL of its options, since it sends no heartbeats. Belongs to
 * one thread at a time.
 */
public final class Transaction {
  private static final long LIMIT_MILLIS = 20_000;

  /** How long a store may let a lock request wait for another transaction. */
  private static final long LOCK_WAIT_MILLIS = 1_000;

  private final RegionRequests requests;
  private final LockResolver resolver;
  private final PdClient pd;
  private final TxnOptions options;
  private final Snapshot snapshot;
  private final TreeMap<byte[], Mutation> buffer = new TreeMap<>(Bytes.ORDER);
  private final TreeSet<byte[]> locked = new TreeSet<>(Bytes.ORDER);
  private byte @Nullable [] primary;
  private long forUpdateTs;
  private boolean ended;

  Transaction(
      RegionRequests requests,
      LockResolver resolver,
      PdClient pd,
      TxnOptions options,
      long startTs) {
    this.requests = requests;
    this.resolver = resolver;
    this.pd = pd;
    this.options = options;
    this.snapshot = new Snapshot(requests, resolver, startTs);
  }

  public long startTs() {
    return snapshot.timestamp();
  }

  public Optional<byte[]> get(byte[] key) {
    Mutation own = buffer.get(requests.mode().toRequest(key));
    if (own != null && own.getOp() != Op.Lock) {
      return own.getOp() == Op.Del ? Optional.empty() : Optional.of(own.getValue().toByteArray());
    }
    return snapshot.get(key);
  }

  /** What the snapshot holds, without this transaction's own writes. */
  public Snapshot snapshot() {
    return snapshot;
  }

  public void put(byte[] key, byte[] value) {
    buffer(Op.Put, key, value);
  }

  public void delete(byte[] key) {
    buffer(Op.Del, key, Bytes.EMPTY);
  }

  /** Writes a key that must not exist yet: commit fails with ALREADY_EXISTS when it does. */
  public void insert(byte[] key, byte[] value) {
    buffer(Op.Insert, key, value);
  }

  /**
   * Takes a pessimistic lock on {@code key} and reads its newest committed value. Waits for another
   * transaction that holds it. The whole transaction is pessimistic from then on for the keys that
   * it locked.
   *
   * @throws KvException DEADLOCK, or TIMEOUT when the lock is not to be had
   */
  public Optional<byte[]> getForUpdate(byte[] key) {
    byte[] target = requests.mode().toRequest(key);
    if (primary == null) {
      primary = target;
    }
    Backoff backoff = requests.backoff(LIMIT_MILLIS);
    while (true) {
      forUpdateTs = LockResolver.maxUnsigned(forUpdateTs, PdClient.await(pd.tso()));
      PessimisticLockResponse response =
          requests.send(target, Rpc.PESSIMISTIC_LOCK, c -> lockRequest(c, target), backoff).value();
      if (response.getErrorsCount() == 0) {
        locked.add(target);
        buffer.putIfAbsent(
            target, Mutation.newBuilder().setOp(Op.Lock).setKey(wrap(target)).build());
        return response.getNotFounds(0)
            ? Optional.empty()
            : Optional.of(response.getValues(0).toByteArray());
      }
      lockRefused(response.getErrors(0), backoff);
    }
  }

  private PessimisticLockRequest lockRequest(
      io.rutile.proto.kvrpcpb.Context context, byte[] target) {
    return PessimisticLockRequest.newBuilder()
        .setContext(context)
        .addMutations(Mutation.newBuilder().setOp(Op.PessimisticLock).setKey(wrap(target)))
        .setPrimaryLock(wrap(primary == null ? target : primary))
        .setStartVersion(startTs())
        .setForUpdateTs(forUpdateTs)
        .setLockTtl(options.lockTtlMillis())
        .setIsFirstLock(locked.isEmpty())
        .setWaitTimeout(LOCK_WAIT_MILLIS)
        .setReturnValues(true)
        .setMinCommitTs(forUpdateTs + 1)
        .build();
  }

  private void lockRefused(KeyError error, Backoff backoff) {
    if (error.hasConflict()) {
      // Somebody committed in between: lock its version, by a newer for_update_ts.
      forUpdateTs =
          LockResolver.maxUnsigned(forUpdateTs, error.getConflict().getConflictCommitTs());
    } else {
      resolver.clear(List.of(error), 0, new ArrayList<>(), backoff);
    }
  }

  /**
   * Commits.
   *
   * @return the commit timestamp; 0 when there was nothing to write
   * @throws KvException CONFLICT or ALREADY_EXISTS, after which nothing is visible; UNDETERMINED
   *     when the answer to the decisive request did not come
   */
  public long commit() {
    end();
    if (buffer.isEmpty()) {
      return 0;
    }
    List<Mutation> mutations = new ArrayList<>(buffer.values());
    byte[] first = primary == null ? buffer.firstKey() : primary;
    return new Committer(requests, resolver, pd, options, startTs(), forUpdateTs, first, locked)
        .commit(mutations);
  }

  /** Gives up: releases the pessimistic locks; buffered writes were never sent. */
  public void rollback() {
    end();
    Backoff backoff = requests.backoff(LIMIT_MILLIS);
    for (byte[] key : locked) {
      requests.send(
          key,
          Rpc.PESSIMISTIC_ROLLBACK,
          context ->
              PessimisticRollbackRequest.newBuilder()
                  .setContext(context)
                  .setStartVersion(startTs())
                  .setForUpdateTs(forUpdateTs)
                  .addKeys(wrap(key))
                  .build(),
          backoff);
    }
  }

  /** Keys and values that this transaction would write; an empty value for a delete. */
  public Map<byte[], Optional<byte[]>> writes() {
    Map<byte[], Optional<byte[]>> writes = new TreeMap<>(Bytes.ORDER);
    buffer.forEach((key, mutation) -> {
      if (mutation.getOp() != Op.Lock) {
        writes.put(
            requests.mode().fromResponse(key),
            mutation.getOp() == Op.Del
                ? Optional.empty()
                : Optional.of(mutation.getValue().toByteArray()));
      }
    });
    return writes;
  }

  private void buffer(Op op, byte[] key, byte[] value) {
    byte[] target = requests.mode().toRequest(key);
    buffer.put(
        target, Mutation.newBuilder().setOp(op).setKey(wrap(target)).setValue(wrap(value)).build());
  }

  private void end() {
    if (ended) {
      throw new IllegalStateException("transaction " + startTs() + " has ended");
    }
    ended = true;
  }

  private static ByteString wrap(byte[] bytes) {
    return UnsafeByteOperations.unsafeWrap(bytes);
  }
}
