package io.rutile.server.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.rutile.base.codec.KeyCodec;
import io.rutile.proto.deadlock.DeadlockGrpc;
import io.rutile.proto.deadlock.DeadlockRequest;
import io.rutile.proto.deadlock.DeadlockResponse;
import io.rutile.proto.deadlock.WaitForEntriesRequest;
import io.rutile.proto.kvrpcpb.KeyError;
import io.rutile.proto.kvrpcpb.Mutation;
import io.rutile.proto.kvrpcpb.Op;
import io.rutile.proto.kvrpcpb.PessimisticLockRequest;
import io.rutile.proto.kvrpcpb.PessimisticLockResponse;
import io.rutile.proto.kvrpcpb.PessimisticRollbackRequest;
import io.rutile.proto.kvrpcpb.SplitRegionRequest;
import io.rutile.proto.tikvpb.TikvGrpc;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Transactions that wait for each other in regions of different stores. */
class DeadlockAcrossStoresTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final byte[] LOW = "a".getBytes();
  private static final byte[] HIGH = "z".getBytes();

  @TempDir static Path directory;

  private static StoreGroup stores;

  @BeforeAll
  static void start() throws Exception {
    stores = new StoreGroup(directory, 2, Map.of("pessimistic-txn.wait-for-lock-timeout", "20s"));
    var response =
        stores
            .tikv(stores.leaderStore(LOW))
            .splitRegion(
                SplitRegionRequest.newBuilder()
                    .setContext(stores.leader(LOW))
                    .addSplitKeys(ByteString.copyFromUtf8("m"))
                    .build());
    assertThat(response.hasRegionError()).isFalse();
    await().atMost(PATIENCE).until(() -> stores.pd.regions.size() == 2);
  }

  @AfterAll
  static void stop() throws Exception {
    stores.close();
  }

  @Test
  void aCycleOverTwoStoresIsRefusedWithItsWaitChainWhereverTheDetectorIs() throws Exception {
    List<Long> ids = stores.nodes().stream().map(StoreNode::storeId).toList();
    lead(LOW, ids.get(0));
    lead(HIGH, ids.get(1));
    expectDeadlock();
    lead(LOW, ids.get(1));
    lead(HIGH, ids.get(0));
    expectDeadlock();
  }

  @Test
  void aStoreThatDoesNotLeadTheFirstRegionTurnsReportersAway() throws Exception {
    long other = stores.followerStore(new byte[0]);
    CompletableFuture<Throwable> refusal = new CompletableFuture<>();
    StreamObserver<DeadlockRequest> stream =
        DeadlockGrpc.newStub(stores.channel(other))
            .detect(
                new StreamObserver<>() {
                  @Override
                  public void onNext(DeadlockResponse response) {}

                  @Override
                  public void onError(Throwable failure) {
                    refusal.complete(failure);
                  }

                  @Override
                  public void onCompleted() {}
                });
    stream.onNext(DeadlockRequest.getDefaultInstance());
    assertThat(refusal.get(20, TimeUnit.SECONDS))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION));
  }

  private static void lead(byte[] key, long storeId) {
    stores.transferLeader(KeyCodec.encode(key), storeId);
  }

  /** Two transactions lock a key each and then wait for the other's. */
  private static void expectDeadlock() throws Exception {
    long one = stores.pd.timestamp();
    long two = stores.pd.timestamp();
    assertThat(lockEventually(LOW, one, one).getErrorsList()).isEmpty();
    assertThat(lockEventually(HIGH, two, two).getErrorsList()).isEmpty();
    ListenableFuture<PessimisticLockResponse> waits = lock(HIGH, one, one, 20_000);
    DeadlockGrpc.DeadlockBlockingStub waiting =
        DeadlockGrpc.newBlockingStub(stores.channel(leader(HIGH)));
    await()
        .atMost(PATIENCE)
        .until(() ->
            waiting.getWaitForEntries(WaitForEntriesRequest.getDefaultInstance()).getEntriesCount()
                == 1);
    KeyError error =
        await()
            .atMost(PATIENCE)
            .until(() -> lock(LOW, two, two, 500).get().getErrors(0), KeyError::hasDeadlock);
    assertThat(error.getDeadlock().getLockTs()).isEqualTo(one);
    assertThat(error.getDeadlock().getLockKey()).isEqualTo(ByteString.copyFrom(LOW));
    assertThat(error.getDeadlock().getWaitChainList())
        .satisfiesExactly(
            wait -> {
              assertThat(wait.getTxn()).isEqualTo(one);
              assertThat(wait.getWaitForTxn()).isEqualTo(two);
              assertThat(wait.getKey()).isEqualTo(ByteString.copyFrom(HIGH));
            },
            wait -> {
              assertThat(wait.getTxn()).isEqualTo(two);
              assertThat(wait.getWaitForTxn()).isEqualTo(one);
              assertThat(wait.getKey()).isEqualTo(ByteString.copyFrom(LOW));
            });
    rollback(HIGH, two);
    waits.get(30, TimeUnit.SECONDS);
    rollback(HIGH, one);
    rollback(LOW, one);
  }

  private static long leader(byte[] key) {
    return stores.leaderStore(KeyCodec.encode(key));
  }

  private static PessimisticLockResponse lockEventually(byte[] key, long start, long forUpdate) {
    return await()
        .atMost(PATIENCE)
        .until(
            () -> lock(key, start, forUpdate, 1000).get(), response -> !response.hasRegionError());
  }

  private static ListenableFuture<PessimisticLockResponse> lock(
      byte[] key, long start, long forUpdate, long waitMillis)
      throws ExecutionException, InterruptedException {
    return TikvGrpc.newFutureStub(stores.channel(leader(key)))
        .kvPessimisticLock(
            PessimisticLockRequest.newBuilder()
                .setContext(stores.leader(KeyCodec.encode(key)))
                .addMutations(
                    Mutation.newBuilder()
                        .setOp(Op.PessimisticLock)
                        .setKey(ByteString.copyFrom(key)))
                .setPrimaryLock(ByteString.copyFrom(LOW))
                .setStartVersion(start)
                .setForUpdateTs(forUpdate)
                .setLockTtl(60_000)
                .setWaitTimeout(waitMillis)
                .build());
  }

  private static void rollback(byte[] key, long start) {
    stores
        .tikv(leader(key))
        .kVPessimisticRollback(
            PessimisticRollbackRequest.newBuilder()
                .setContext(stores.leader(KeyCodec.encode(key)))
                .addKeys(ByteString.copyFrom(key))
                .setStartVersion(start)
                .setForUpdateTs(start)
                .build());
  }
}
