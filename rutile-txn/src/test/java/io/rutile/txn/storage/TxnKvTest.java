package io.rutile.txn.storage;

import static io.rutile.txn.testing.TestStorage.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.rutile.base.codec.KeyCodec;
import io.rutile.engine.api.Cf;
import io.rutile.proto.kvrpcpb.APIVersion;
import io.rutile.proto.kvrpcpb.BatchGetRequest;
import io.rutile.proto.kvrpcpb.BatchGetResponse;
import io.rutile.proto.kvrpcpb.CommandPri;
import io.rutile.proto.kvrpcpb.CommitRequest;
import io.rutile.proto.kvrpcpb.CommitResponse;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.DeleteRangeRequest;
import io.rutile.proto.kvrpcpb.GetRequest;
import io.rutile.proto.kvrpcpb.GetResponse;
import io.rutile.proto.kvrpcpb.Mutation;
import io.rutile.proto.kvrpcpb.Op;
import io.rutile.proto.kvrpcpb.PrewriteRequest;
import io.rutile.proto.kvrpcpb.PrewriteResponse;
import io.rutile.proto.kvrpcpb.ResolveLockRequest;
import io.rutile.proto.kvrpcpb.ScanRequest;
import io.rutile.proto.kvrpcpb.ScanResponse;
import io.rutile.proto.kvrpcpb.UnsafeDestroyRangeRequest;
import io.rutile.txn.gate.RegionErrors;
import io.rutile.txn.testing.SingleEngineGate;
import io.rutile.txn.testing.TestStorage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Transactions through the facade: what depends on how commands run, not on what they decide. */
class TxnKvTest {
  private static final Context CONTEXT =
      Context.newBuilder().setRegionId(SingleEngineGate.REGION_ID).build();

  private TestStorage store = new TestStorage(APIVersion.V1);

  @AfterEach
  void close() {
    store.close();
  }

  private TxnKv txn() {
    return store.storage().txn();
  }

  private static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }

  private static PrewriteRequest.Builder prewriteOf(long startTs, String... keysAndValues) {
    PrewriteRequest.Builder request =
        PrewriteRequest.newBuilder()
            .setContext(CONTEXT)
            .setStartVersion(startTs)
            .setLockTtl(3_000)
            .setPrimaryLock(bytes(keysAndValues[0]));
    for (int i = 0; i < keysAndValues.length; i += 2) {
      request.addMutations(
          Mutation.newBuilder()
              .setOp(Op.Put)
              .setKey(bytes(keysAndValues[i]))
              .setValue(bytes(keysAndValues[i + 1])));
    }
    return request;
  }

  private PrewriteResponse prewrite(PrewriteRequest.Builder request) {
    return await(txn().prewrite(request.build()));
  }

  private CommitResponse commit(long startTs, long commitTs, String... keys) {
    CommitRequest.Builder request =
        CommitRequest.newBuilder()
            .setContext(CONTEXT)
            .setStartVersion(startTs)
            .setCommitVersion(commitTs);
    for (String key : keys) {
      request.addKeys(bytes(key));
    }
    return await(txn().commit(request.build()));
  }

  private GetResponse get(String key, long version) {
    return await(
        txn()
            .get(
                GetRequest.newBuilder()
                    .setContext(CONTEXT)
                    .setKey(bytes(key))
                    .setVersion(version)
                    .build()));
  }

  private String value(String key, long version) {
    GetResponse response = get(key, version);
    assertThat(response.hasError()).as(response.getError().toString()).isFalse();
    assertThat(response.hasRegionError()).isFalse();
    return response.getNotFound() ? null : response.getValue().toStringUtf8();
  }

  @Test
  void t1CommittedValuesAreSeenFromTheirCommitOn() {
    long start = store.tso();
    assertThat(prewrite(prewriteOf(start, "a", "1", "b", "2")).getErrorsList()).isEmpty();
    assertThat(get("b", store.tso()).getError().hasLocked()).isTrue();
    assertThat(value("b", start - 1)).isNull();
    long commit = store.tso();
    assertThat(commit(start, commit, "a", "b").getCommitVersion()).isEqualTo(commit);
    assertThat(value("a", commit - 1)).isNull();
    assertThat(value("a", commit)).isEqualTo("1");
    ScanResponse scan =
        await(
            txn()
                .scan(
                    ScanRequest.newBuilder()
                        .setContext(CONTEXT)
                        .setStartKey(bytes("a"))
                        .setLimit(10)
                        .setVersion(commit)
                        .build()));
    assertThat(scan.getPairsList())
        .extracting(pair -> pair.getValue().toStringUtf8())
        .containsExactly("1", "2");
  }

  @Test
  void readsReportWhatTheyReadAndHowLongItTook() {
    long start = store.tso();
    prewrite(prewriteOf(start, "a", "1"));
    commit(start, store.tso(), "a");
    GetResponse response = get("a", store.tso());
    assertThat(response.getExecDetailsV2().getScanDetailV2().getProcessedVersions()).isEqualTo(1);
    assertThat(response.getExecDetailsV2().hasTimeDetailV2()).isTrue();
  }

  /** Clients that increment one counter and retry on conflict: none of their commits is lost. */
  @Test
  void t10ConcurrentIncrementsAreIsolated() throws InterruptedException {
    int clients = 100;
    AtomicInteger committed = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int c = 0; c < clients; c++) {
      threads.add(
          Thread.ofVirtual()
              .start(() -> {
                while (!increment("counter")) {
                  Thread.yield();
                }
                committed.incrementAndGet();
              }));
    }
    for (Thread thread : threads) {
      assertThat(thread.join(Duration.ofSeconds(60))).isTrue();
    }
    assertThat(committed).hasValue(clients);
    assertThat(value("counter", store.tso())).isEqualTo(String.valueOf(clients));
  }

  private boolean increment(String key) {
    long start = store.tso();
    GetResponse read = get(key, start);
    if (read.hasError()) {
      return false;
    }
    int seen = read.getNotFound() ? 0 : Integer.parseInt(read.getValue().toStringUtf8());
    if (prewrite(prewriteOf(start, key, String.valueOf(seen + 1))).getErrorsCount() > 0) {
      return false;
    }
    CommitResponse response = commit(start, store.tso(), key);
    assertThat(response.hasError()).as(response.getError().toString()).isFalse();
    return true;
  }

  /** The lock of an async commit blocks readers before it is in the engine. */
  @Test
  void t18ReadersAreBlockedBetweenMemoryLockAndApply() {
    store.gate().holdProposals();
    long start = store.tso();
    var prewrite = txn().prewrite(prewriteOf(start, "k", "v").setUseAsyncCommit(true).build());
    while (store.gate().heldProposals() == 0) {
      Thread.onSpinWait();
    }
    long later = store.tso();
    assertThat(get("k", later).getError().getLocked().getLockVersion()).isEqualTo(start);
    assertThat(value("k", start - 1)).isNull();
    BatchGetResponse batch =
        await(
            txn()
                .batchGet(
                    BatchGetRequest.newBuilder()
                        .setContext(CONTEXT)
                        .addKeys(bytes("k"))
                        .setVersion(later)
                        .build()));
    assertThat(batch.getError().hasLocked()).isTrue();
    ScanResponse scan =
        await(
            txn()
                .scan(
                    ScanRequest.newBuilder()
                        .setContext(CONTEXT)
                        .setStartKey(bytes("a"))
                        .setLimit(10)
                        .setVersion(later)
                        .build()));
    assertThat(scan.getError().hasLocked()).isTrue();
    store.gate().releaseProposals();
    PrewriteResponse response = await(prewrite);
    assertThat(response.getMinCommitTs()).isGreaterThan(start);
    assertThat(get("k", store.tso()).getError().hasLocked()).isTrue();
    commit(start, response.getMinCommitTs(), "k");
    assertThat(value("k", store.tso())).isEqualTo("v");
    assertThat(store.storage().concurrency().globalMinLock()).isEmpty();
  }

  @Test
  void t16AsyncCommitsLieAboveEveryReadBeforeThem() {
    long start = store.tso();
    long read = store.tso();
    assertThat(value("k", read)).isNull();
    PrewriteResponse response = prewrite(prewriteOf(start, "k", "v").setUseAsyncCommit(true));
    assertThat(response.getMinCommitTs()).isGreaterThan(read);
  }

  @Test
  void t20OnePhaseCommitsAreVisibleAtTheirTimestamp() {
    long start = store.tso();
    PrewriteResponse response = prewrite(prewriteOf(start, "a", "1", "b", "2").setTryOnePc(true));
    long commit = response.getOnePcCommitTs();
    assertThat(commit).isGreaterThan(start);
    assertThat(value("a", commit)).isEqualTo("1");
    assertThat(value("b", commit)).isEqualTo("2");
    assertThat(value("b", commit - 1)).isNull();
  }

  @Test
  void t22AsyncCommitWaitsUntilMaxTsIsKnown() {
    store.gate().setMaxTsSynced(false);
    PrewriteRequest.Builder request = prewriteOf(store.tso(), "k", "v").setUseAsyncCommit(true);
    assertThat(prewrite(request).getRegionError().hasMaxTimestampNotSynced()).isTrue();
    store.gate().setMaxTsSynced(true);
    assertThat(prewrite(request).getMinCommitTs()).isPositive();
  }

  @Test
  void resolvingARegionGoesOnOverSeveralBatches() {
    long start = store.tso();
    List<String> keysAndValues = new ArrayList<>();
    for (int i = 0; i < 700; i++) {
      keysAndValues.add("key-%04d".formatted(i));
      keysAndValues.add("v" + i);
    }
    prewrite(prewriteOf(start, keysAndValues.toArray(String[]::new)));
    long commit = store.tso();
    var response =
        await(
            txn()
                .resolveLock(
                    ResolveLockRequest.newBuilder()
                        .setContext(CONTEXT)
                        .setStartVersion(start)
                        .setCommitVersion(commit)
                        .build()));
    assertThat(response.hasError()).isFalse();
    assertThat(response.hasRegionError()).isFalse();
    assertThat(value("key-0000", commit)).isEqualTo("v0");
    assertThat(value("key-0699", commit)).isEqualTo("v699");
  }

  @Test
  void commandsOfOneKeyRunOneAfterTheOther() {
    store.gate().holdProposals();
    long start = store.tso();
    var first = txn().prewrite(prewriteOf(start, "k", "v").build());
    var second = txn().prewrite(prewriteOf(store.tso(), "k", "w").build());
    while (store.gate().heldProposals() == 0) {
      Thread.onSpinWait();
    }
    assertThat(second.toCompletableFuture()).isNotDone();
    store.gate().releaseProposals();
    assertThat(await(first).getErrorsList()).isEmpty();
    assertThat(await(second).getErrors(0).getLocked().getLockVersion()).isEqualTo(start);
  }

  @Test
  void pendingWritesBeyondTheThresholdAreRefusedButNotThoseOfHighPriority() {
    store.gate().holdProposals();
    store.storage().setWriteLimits(1, 256L << 20);
    var held = txn().prewrite(prewriteOf(store.tso(), "a", "1").build());
    PrewriteRequest.Builder next = prewriteOf(store.tso(), "b", "2");
    assertThat(prewrite(next).getRegionError().getServerIsBusy().getReason())
        .isEqualTo("scheduler is busy");
    next.setContext(CONTEXT.toBuilder().setPriority(CommandPri.High));
    CompletableFuture<PrewriteResponse> urgent = txn().prewrite(next.build()).toCompletableFuture();
    while (store.gate().heldProposals() < 2) {
      Thread.onSpinWait();
    }
    store.gate().releaseProposals();
    assertThat(await(held).getErrorsList()).isEmpty();
    assertThat(await(urgent).getErrorsList()).isEmpty();
    assertThat(prewrite(prewriteOf(store.tso(), "c", "3")).hasRegionError()).isFalse();
  }

  @Test
  void commandsThatWaitPastTheirDeadlineAreRefused() {
    store.gate().holdProposals();
    var first = txn().prewrite(prewriteOf(store.tso(), "k", "v").build());
    PrewriteRequest.Builder late = prewriteOf(store.tso(), "k", "w");
    late.setContext(CONTEXT.toBuilder().setMaxExecutionDurationMs(100));
    var second = txn().prewrite(late.build());
    while (store.gate().heldProposals() == 0) {
      Thread.onSpinWait();
    }
    store.clock().advanceNanos(TimeUnit.MILLISECONDS.toNanos(200));
    store.gate().releaseProposals();
    assertThat(await(first).getErrorsList()).isEmpty();
    assertThat(await(second).getRegionError().getServerIsBusy().getReason())
        .isEqualTo("deadline is exceeded");
  }

  @Test
  void getsThatArriveTogetherAreAnsweredEachAtItsPlace() throws InterruptedException {
    long start = store.tso();
    prewrite(prewriteOf(start, "a", "1", "b", "2"));
    commit(start, store.tso(), "a");
    long version = store.tso();
    List<GetRequest> requests = new ArrayList<>();
    for (String key : List.of("a", "b", "c")) {
      requests.add(
          GetRequest.newBuilder()
              .setContext(CONTEXT)
              .setKey(bytes(key))
              .setVersion(version)
              .build());
    }
    GetResponse[] responses = new GetResponse[3];
    CountDownLatch all = new CountDownLatch(3);
    txn()
        .getAll(
            requests,
            (indexes, answered) -> {
              for (int i = 0; i < indexes.length; i++) {
                responses[indexes[i]] = answered.get(i);
                all.countDown();
              }
            });
    assertThat(all.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(responses[0].getValue()).isEqualTo(bytes("1"));
    assertThat(responses[1].getError().hasLocked()).isTrue();
    assertThat(responses[2].getNotFound()).isTrue();
    assertThat(store.storage().concurrency().maxTs()).isEqualTo(version);
  }

  @Test
  void rowAtHandIsReadAtItsVersionAndGoesWithTheFirstLock() {
    long start = store.tso();
    prewrite(prewriteOf(start, "a", "1"));
    long before = store.tso();
    long committed = store.tso();
    commit(start, committed, "a");
    assertThat(getNow("a", store.tso())).isNull();
    assertThat(await(txn().get(getOf("a", store.tso()))).getValue()).isEqualTo(bytes("1"));
    long version = store.tso();
    GetResponse hot = getNow("a", version);
    assertThat(hot).isNotNull();
    assertThat(hot.getValue()).isEqualTo(bytes("1"));
    assertThat(hot.getExecDetailsV2().getScanDetailV2().getProcessedVersions()).isOne();
    assertThat(store.storage().concurrency().maxTs()).isEqualTo(version);
    assertThat(getNow("a", before)).isNull();
    assertThat(await(txn().get(getOf("a", before))).getNotFound()).isTrue();

    long next = store.tso();
    prewrite(prewriteOf(next, "a", "2"));
    assertThat(getNow("a", store.tso())).isNull();
    assertThat(await(txn().get(getOf("a", store.tso()))).getError().hasLocked()).isTrue();
    assertThat(getNow("a", store.tso())).isNull();
    commit(next, store.tso(), "a");
    assertThat(await(txn().get(getOf("a", store.tso()))).getValue()).isEqualTo(bytes("2"));
    hot = getNow("a", store.tso());
    assertThat(hot).isNotNull();
    assertThat(hot.getValue()).isEqualTo(bytes("2"));
  }

  @Test
  void readBelowTheNewestVersionKeepsNothing() {
    long first = store.tso();
    prewrite(prewriteOf(first, "a", "1"));
    commit(first, store.tso(), "a");
    long between = store.tso();
    long second = store.tso();
    prewrite(prewriteOf(second, "a", "2"));
    commit(second, store.tso(), "a");
    assertThat(await(txn().get(getOf("a", between))).getValue()).isEqualTo(bytes("1"));
    assertThat(getNow("a", between)).isNull();
    assertThat(getNow("a", store.tso())).isNull();
  }

  private static GetRequest getOf(String key, long version) {
    return GetRequest.newBuilder()
        .setContext(CONTEXT)
        .setKey(bytes(key))
        .setVersion(version)
        .build();
  }

  /** The answer if it is there before the call returns. */
  private @Nullable GetResponse getNow(String key, long version) {
    Thread caller = Thread.currentThread();
    AtomicReference<@Nullable GetResponse> now = new AtomicReference<>();
    txn()
        .getAll(
            List.of(getOf(key, version)),
            (indexes, responses) -> {
              if (Thread.currentThread() == caller) {
                now.set(responses.getFirst());
              }
            });
    return now.get();
  }

  @Test
  void t29DeleteRangeRemovesEverythingAndNotifyOnlyNothing() {
    long start = store.tso();
    prewrite(prewriteOf(start, "a", "1", "b", "2"));
    commit(start, store.tso(), "a");
    DeleteRangeRequest.Builder request =
        DeleteRangeRequest.newBuilder()
            .setContext(CONTEXT)
            .setStartKey(bytes("a"))
            .setEndKey(bytes("z"));
    await(txn().deleteRange(request.setNotifyOnly(true).build()));
    assertThat(value("a", store.tso())).isEqualTo("1");
    await(txn().deleteRange(request.setNotifyOnly(false).build()));
    assertThat(value("a", store.tso())).isNull();
    assertThat(value("b", store.tso())).isNull();
    assertThat(await(txn().deleteRange(request.clearEndKey().build())).getError()).isNotEmpty();
  }

  @Test
  void t30UnsafeDestroyRangeWorksOnThisStoreAndRefusesOpenRanges() {
    long start = store.tso();
    prewrite(prewriteOf(start, "a", "1"));
    commit(start, store.tso(), "a");
    UnsafeDestroyRangeRequest.Builder request =
        UnsafeDestroyRangeRequest.newBuilder().setContext(CONTEXT).setStartKey(bytes("a"));
    assertThat(await(txn().unsafeDestroyRange(request.build())).getError()).isNotEmpty();
    request.setEndKey(bytes("b"));
    assertThat(await(txn().unsafeDestroyRange(request.build())).getError()).isEmpty();
    assertThat(await(txn().unsafeDestroyRange(request.build())).getError()).isEmpty();
    assertThat(value("a", store.tso())).isNull();
    byte[] encoded = KeyCodec.dataKey(KeyCodec.encode("a".getBytes()));
    assertThat(store.engine().approximateKeys(Cf.WRITE, encoded, new byte[0])).isZero();
  }

  @Test
  void keysMustBeOfTheStoresModeAndNotTooLarge() {
    PrewriteResponse large = prewrite(prewriteOf(store.tso(), "k".repeat(8192), "v"));
    assertThat(large.getErrors(0).getAbort()).contains("KeyTooLarge");
    store.close();
    store = new TestStorage(APIVersion.V2);
    Context v2 = CONTEXT.toBuilder().setApiVersion(APIVersion.V2).build();
    PrewriteResponse raw = prewrite(prewriteOf(store.tso(), "rk", "v").setContext(v2));
    assertThat(raw.getErrors(0).getAbort()).contains("InvalidKeyMode");
    assertThat(prewrite(prewriteOf(store.tso(), "xk", "v").setContext(v2)).getErrorsList())
        .isEmpty();
    assertThat(prewrite(prewriteOf(store.tso(), "tk", "v")).getErrorsList()).isEmpty();
    store.close();
    store = new TestStorage(APIVersion.V1TTL);
    assertThat(get("k", store.tso()).getError().getAbort()).contains("ApiVersionNotMatched");
  }

  private GetResponse getAfterAsyncPrewriteThatFails(RuntimeException failure) {
    store.gate().failNextProposal(failure);
    CompletableFuture<PrewriteResponse> prewrite =
        txn()
            .prewrite(prewriteOf(store.tso(), "k", "v").setUseAsyncCommit(true).build())
            .toCompletableFuture();
    await(prewrite.handle((response, broken) -> true));
    return get("k", store.tso());
  }

  @Test
  void aReaderDoesNotPassALockWhoseWriteHasAnUnknownEnd() {
    GetResponse response = getAfterAsyncPrewriteThatFails(new IllegalStateException("broken"));
    assertThat(response.getError().getLocked().getUseAsyncCommit()).isTrue();
  }

  @Test
  void aLockInMemoryEndsWithTheRefusalOfItsWrite() {
    GetResponse response = getAfterAsyncPrewriteThatFails(RegionErrors.staleCommand());
    assertThat(response.getNotFound()).isTrue();
  }
}
