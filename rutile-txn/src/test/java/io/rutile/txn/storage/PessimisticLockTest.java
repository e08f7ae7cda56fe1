package io.rutile.txn.storage;

import static io.rutile.txn.testing.TestStorage.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.rutile.proto.deadlock.WaitForEntry;
import io.rutile.proto.kvrpcpb.APIVersion;
import io.rutile.proto.kvrpcpb.CommitRequest;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.Deadlock;
import io.rutile.proto.kvrpcpb.GetLockWaitInfoRequest;
import io.rutile.proto.kvrpcpb.KeyError;
import io.rutile.proto.kvrpcpb.Mutation;
import io.rutile.proto.kvrpcpb.Op;
import io.rutile.proto.kvrpcpb.PessimisticLockKeyResultType;
import io.rutile.proto.kvrpcpb.PessimisticLockRequest;
import io.rutile.proto.kvrpcpb.PessimisticLockResponse;
import io.rutile.proto.kvrpcpb.PessimisticLockWakeUpMode;
import io.rutile.proto.kvrpcpb.PessimisticRollbackRequest;
import io.rutile.proto.kvrpcpb.PrewriteRequest;
import io.rutile.proto.kvrpcpb.PrewriteRequest.PessimisticAction;
import io.rutile.proto.kvrpcpb.WriteConflict;
import io.rutile.txn.deadlock.KeyHash;
import io.rutile.txn.testing.SingleEngineGate;
import io.rutile.txn.testing.TestStorage;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Waiting for pessimistic locks: who is woken when, and with what. */
class PessimisticLockTest {
  private static final Context CONTEXT =
      Context.newBuilder().setRegionId(SingleEngineGate.REGION_ID).build();
  private static final long NO_WAIT = -1;
  private static final long SERVER_TIME = 0;

  private final TestStorage store = new TestStorage(APIVersion.V1);

  @BeforeEach
  void lead() {
    store.storage().deadlockDetector().setLeader(true);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }

  private static PessimisticLockRequest.Builder lockOf(long startTs, String key, long waitMillis) {
    return PessimisticLockRequest.newBuilder()
        .setContext(CONTEXT)
        .addMutations(Mutation.newBuilder().setOp(Op.PessimisticLock).setKey(bytes(key)))
        .setPrimaryLock(bytes("primary-" + startTs))
        .setStartVersion(startTs)
        .setForUpdateTs(startTs)
        .setLockTtl(3_000)
        .setWaitTimeout(waitMillis);
  }

  private CompletableFuture<PessimisticLockResponse> send(PessimisticLockRequest.Builder request) {
    return store.storage().txn().pessimisticLock(request.build()).toCompletableFuture();
  }

  private void lock(long startTs, String key) {
    PessimisticLockResponse response = await(send(lockOf(startTs, key, NO_WAIT)));
    assertThat(response.getErrorsList()).isEmpty();
  }

  /** Sends a request that is going to wait, and returns once it does. */
  private CompletableFuture<PessimisticLockResponse> sendWaiting(
      PessimisticLockRequest.Builder request) {
    int before = waits().size();
    CompletableFuture<PessimisticLockResponse> reply = send(request);
    while (waits().size() == before && !reply.isDone()) {
      Thread.onSpinWait();
    }
    assertThat(reply).isNotDone();
    return reply;
  }

  private List<WaitForEntry> waits() {
    return await(store.storage().txn().getLockWaitInfo(GetLockWaitInfoRequest.getDefaultInstance()))
        .getEntriesList();
  }

  private void rollback(long startTs, String key) {
    await(
        store
            .storage()
            .txn()
            .pessimisticRollback(
                PessimisticRollbackRequest.newBuilder()
                    .setContext(CONTEXT)
                    .setStartVersion(startTs)
                    .setForUpdateTs(startTs)
                    .addKeys(bytes(key))
                    .build()));
  }

  private void write(long startTs, long commitTs, String key, String value) {
    PrewriteRequest.Builder prewrite =
        PrewriteRequest.newBuilder()
            .setContext(CONTEXT)
            .addMutations(
                Mutation.newBuilder().setOp(Op.Put).setKey(bytes(key)).setValue(bytes(value)))
            .addPessimisticActions(PessimisticAction.DO_PESSIMISTIC_CHECK)
            .setPrimaryLock(bytes("primary-" + startTs))
            .setStartVersion(startTs)
            .setForUpdateTs(startTs)
            .setLockTtl(3_000);
    assertThat(await(store.storage().txn().prewrite(prewrite.build())).getErrorsList()).isEmpty();
    CommitRequest commit =
        CommitRequest.newBuilder()
            .setContext(CONTEXT)
            .setStartVersion(startTs)
            .setCommitVersion(commitTs)
            .addKeys(bytes(key))
            .build();
    assertThat(await(store.storage().txn().commit(commit)).hasError()).isFalse();
  }

  private static KeyError onlyError(CompletableFuture<PessimisticLockResponse> reply) {
    PessimisticLockResponse response = await(reply);
    assertThat(response.getErrorsList()).hasSize(1);
    return response.getErrors(0);
  }

  private void pass(long millis) {
    store.clock().advanceNanos(TimeUnit.MILLISECONDS.toNanos(millis));
  }

  @Test
  void p2LockedKeysAreRefusedAtOnceOrAfterTheTimeAskedFor() {
    lock(10, "k");
    assertThat(onlyError(send(lockOf(20, "k", NO_WAIT))).getLocked().getLockVersion())
        .isEqualTo(10);
    var waiting = sendWaiting(lockOf(20, "k", 5));
    pass(4);
    assertThat(waiting).isNotDone();
    pass(1);
    assertThat(onlyError(waiting).getLocked().getLockVersion()).isEqualTo(10);
    var longest = sendWaiting(lockOf(20, "k", 3_600_000));
    pass(1_000);
    assertThat(onlyError(longest).hasLocked()).isTrue();
    assertThat(waits()).isEmpty();
  }

  @Test
  void p3AWaiterIsToldOfTheCommitThatItWaitedFor() {
    lock(10, "k");
    var waiting = sendWaiting(lockOf(20, "k", SERVER_TIME));
    write(10, 30, "k", "v");
    WriteConflict conflict = onlyError(waiting).getConflict();
    assertThat(conflict.getReason()).isEqualTo(WriteConflict.Reason.PessimisticRetry);
    assertThat(conflict.getStartTs()).isEqualTo(20);
    assertThat(conflict.getConflictTs()).isEqualTo(10);
    assertThat(conflict.getConflictCommitTs()).isEqualTo(30);
    assertThat(conflict.getKey()).isEqualTo(bytes("k"));
    assertThat(conflict.getPrimary()).isEqualTo(bytes("primary-20"));
  }

  @Test
  void aWaiterIsToldOfARollbackWithoutCommit() {
    lock(10, "k");
    var waiting = sendWaiting(lockOf(20, "k", SERVER_TIME));
    rollback(10, "k");
    WriteConflict conflict = onlyError(waiting).getConflict();
    assertThat(conflict.getConflictTs()).isEqualTo(10);
    assertThat(conflict.getConflictCommitTs()).isZero();
  }

  @Test
  void p4AResumedWaiterTakesTheLockAboveTheCommit() {
    lock(10, "k");
    var waiting =
        sendWaiting(
            lockOf(20, "k", SERVER_TIME)
                .setReturnValues(true)
                .setWakeUpMode(PessimisticLockWakeUpMode.WakeUpModeForceLock));
    write(10, 30, "k", "v");
    PessimisticLockResponse response = await(waiting);
    assertThat(response.getErrorsList()).isEmpty();
    assertThat(response.getResults(0).getType())
        .isEqualTo(PessimisticLockKeyResultType.LockResultLockedWithConflict);
    assertThat(response.getResults(0).getValue()).isEqualTo(bytes("v"));
    assertThat(response.getResults(0).getLockedWithConflictTs()).isEqualTo(30);
    KeyError held = onlyError(send(lockOf(40, "k", NO_WAIT)));
    assertThat(held.getLocked().getLockVersion()).isEqualTo(20);
    assertThat(held.getLocked().getLockForUpdateTs()).isEqualTo(30);
  }

  @Test
  void aResumedWaiterThatEndsWithoutTheLockWakesTheNext() {
    lock(10, "k");
    var gone =
        sendWaiting(
            lockOf(20, "k", SERVER_TIME)
                .setReturnValues(true)
                .setLockOnlyIfExists(true)
                .setWakeUpMode(PessimisticLockWakeUpMode.WakeUpModeForceLock));
    var next = sendWaiting(lockOf(30, "k", SERVER_TIME));
    rollback(10, "k");
    assertThat(await(gone).getErrorsList()).isEmpty();
    assertThat(onlyError(next).getConflict().getConflictTs()).isEqualTo(10);
  }

  @Test
  void p10OlderTransactionsAreWokenFirstAndTheOthersAfterTheDelay() {
    lock(10, "k");
    var young = sendWaiting(lockOf(40, "k", SERVER_TIME));
    var old = sendWaiting(lockOf(20, "k", SERVER_TIME));
    var middle = sendWaiting(lockOf(30, "k", SERVER_TIME));
    write(10, 50, "k", "v");
    assertThat(onlyError(old).hasConflict()).isTrue();
    pass(19);
    assertThat(middle).isNotDone();
    assertThat(young).isNotDone();
    pass(1);
    assertThat(onlyError(middle).getConflict().getConflictCommitTs()).isEqualTo(50);
    assertThat(onlyError(young).getConflict().getConflictCommitTs()).isEqualTo(50);
  }

  @Test
  void theSweepStopsAtTheFirstWaiterThatTakesTheLock() {
    lock(10, "k");
    var first = sendWaiting(lockOf(20, "k", SERVER_TIME));
    var resumed =
        sendWaiting(
            lockOf(30, "k", SERVER_TIME)
                .setWakeUpMode(PessimisticLockWakeUpMode.WakeUpModeForceLock));
    var last = sendWaiting(lockOf(40, "k", SERVER_TIME));
    rollback(10, "k");
    assertThat(onlyError(first).hasConflict()).isTrue();
    pass(20);
    assertThat(await(resumed).getResults(0).getType())
        .isEqualTo(PessimisticLockKeyResultType.LockResultNormal);
    pass(100);
    assertThat(last).isNotDone();
    rollback(30, "k");
    assertThat(onlyError(last).getConflict().getConflictTs()).isEqualTo(30);
  }

  @Test
  void p9TwoTransactionsThatWaitForEachOther() {
    lock(10, "a");
    lock(20, "b");
    var first = sendWaiting(lockOf(10, "b", SERVER_TIME));
    Deadlock deadlock = onlyError(send(lockOf(20, "a", SERVER_TIME))).getDeadlock();
    assertThat(deadlock.getLockTs()).isEqualTo(10);
    assertThat(deadlock.getLockKey()).isEqualTo(bytes("a"));
    assertThat(deadlock.getDeadlockKeyHash()).isEqualTo(KeyHash.of("b".getBytes()));
    assertThat(deadlock.getWaitChainList())
        .extracting(WaitForEntry::getTxn)
        .containsExactly(10L, 20L);
    assertThat(deadlock.getWaitChainList())
        .extracting(WaitForEntry::getWaitForTxn)
        .containsExactly(20L, 10L);
    assertThat(first).isNotDone();
    rollback(20, "b");
    assertThat(onlyError(first).hasConflict()).isTrue();
  }

  @Test
  void p9ThreeTransactionsThatWaitInACircle() {
    lock(10, "a");
    lock(20, "b");
    lock(30, "c");
    sendWaiting(lockOf(10, "b", SERVER_TIME));
    sendWaiting(lockOf(20, "c", SERVER_TIME));
    Deadlock deadlock = onlyError(send(lockOf(30, "a", SERVER_TIME))).getDeadlock();
    assertThat(deadlock.getWaitChainList())
        .extracting(WaitForEntry::getTxn)
        .containsExactly(10L, 20L, 30L);
    assertThat(deadlock.getWaitChain(2).getKey()).isEqualTo(bytes("a"));
  }

  @Test
  void waitsThatEndedCloseNoCircle() {
    lock(10, "a");
    lock(20, "b");
    var ended = sendWaiting(lockOf(10, "b", 5));
    pass(5);
    assertThat(onlyError(ended).hasLocked()).isTrue();
    sendWaiting(lockOf(20, "a", SERVER_TIME));
  }

  @Test
  void firstLocksAreNotPartOfACircle() {
    lock(10, "a");
    lock(20, "b");
    sendWaiting(lockOf(10, "b", SERVER_TIME));
    sendWaiting(lockOf(20, "a", SERVER_TIME).setIsFirstLock(true));
  }

  @Test
  void aNewOwnerOfTheKeyIsWaitedForInsteadAndItsCirclesAreFound() {
    lock(10, "k");
    lock(40, "x");
    var resumed =
        sendWaiting(
            lockOf(20, "k", SERVER_TIME)
                .setWakeUpMode(PessimisticLockWakeUpMode.WakeUpModeForceLock));
    var circle = sendWaiting(lockOf(40, "k", SERVER_TIME));
    var other = sendWaiting(lockOf(20, "x", SERVER_TIME));
    rollback(10, "k");
    assertThat(await(resumed).getErrorsList()).isEmpty();
    assertThat(onlyError(circle).getDeadlock().getLockTs()).isEqualTo(20);
    assertThat(other).isNotDone();
  }

  @Test
  void p13WaitsAreShown() {
    lock(10, "k");
    sendWaiting(
        lockOf(20, "k", SERVER_TIME)
            .setContext(CONTEXT.toBuilder().setResourceGroupTag(bytes("group"))));
    pass(7);
    assertThat(waits()).hasSize(1);
    WaitForEntry wait = waits().getFirst();
    assertThat(wait.getTxn()).isEqualTo(20);
    assertThat(wait.getWaitForTxn()).isEqualTo(10);
    assertThat(wait.getKey()).isEqualTo(bytes("k"));
    assertThat(wait.getKeyHash()).isEqualTo(KeyHash.of("k".getBytes()));
    assertThat(wait.getResourceGroupTag()).isEqualTo(bytes("group"));
    assertThat(wait.getWaitTime()).isEqualTo(7);
  }

  @Test
  void waitersOfARegionThatIsNoLongerLedAreSentElsewhere() {
    lock(10, "k");
    var waiting = sendWaiting(lockOf(20, "k", SERVER_TIME));
    store.storage().onRegionLost(SingleEngineGate.REGION_ID);
    assertThat(await(waiting).getRegionError().hasNotLeader()).isTrue();
  }
}
