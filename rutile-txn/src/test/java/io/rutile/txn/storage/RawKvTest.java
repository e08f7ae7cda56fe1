package io.rutile.txn.storage;

import static io.rutile.txn.testing.TestStorage.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.rutile.proto.kvrpcpb.APIVersion;
import io.rutile.proto.kvrpcpb.ChecksumAlgorithm;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.KeyRange;
import io.rutile.proto.kvrpcpb.KvPair;
import io.rutile.proto.kvrpcpb.RawBatchDeleteRequest;
import io.rutile.proto.kvrpcpb.RawBatchGetRequest;
import io.rutile.proto.kvrpcpb.RawBatchPutRequest;
import io.rutile.proto.kvrpcpb.RawBatchPutResponse;
import io.rutile.proto.kvrpcpb.RawBatchScanRequest;
import io.rutile.proto.kvrpcpb.RawCASRequest;
import io.rutile.proto.kvrpcpb.RawCASResponse;
import io.rutile.proto.kvrpcpb.RawChecksumRequest;
import io.rutile.proto.kvrpcpb.RawChecksumResponse;
import io.rutile.proto.kvrpcpb.RawDeleteRangeRequest;
import io.rutile.proto.kvrpcpb.RawDeleteRequest;
import io.rutile.proto.kvrpcpb.RawGetKeyTTLRequest;
import io.rutile.proto.kvrpcpb.RawGetKeyTTLResponse;
import io.rutile.proto.kvrpcpb.RawGetRequest;
import io.rutile.proto.kvrpcpb.RawGetResponse;
import io.rutile.proto.kvrpcpb.RawPutRequest;
import io.rutile.proto.kvrpcpb.RawPutResponse;
import io.rutile.proto.kvrpcpb.RawScanRequest;
import io.rutile.txn.raw.Crc64;
import io.rutile.txn.testing.SingleEngineGate;
import io.rutile.txn.testing.TestStorage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The acceptance cases of raw keys, through the facade, in every API version. */
class RawKvTest {
  private TestStorage store = new TestStorage(APIVersion.V1);
  private APIVersion version = APIVersion.V1;

  private void open(APIVersion newVersion) {
    store.close();
    version = newVersion;
    store = new TestStorage(newVersion);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private RawKv raw() {
    return store.storage().raw();
  }

  private Context context() {
    return Context.newBuilder()
        .setRegionId(SingleEngineGate.REGION_ID)
        .setApiVersion(version == APIVersion.V2 ? APIVersion.V2 : APIVersion.V1)
        .build();
  }

  /** The key as a client of the version sends it. */
  private ByteString key(String name) {
    return ByteString.copyFromUtf8(version == APIVersion.V2 ? "r\0\0\0" + name : name);
  }

  private static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }

  private RawPutResponse put(String key, String value, long ttl) {
    return await(
        raw()
            .put(
                RawPutRequest.newBuilder()
                    .setContext(context())
                    .setKey(key(key))
                    .setValue(bytes(value))
                    .setTtl(ttl)
                    .build()));
  }

  private void put(String key, String value) {
    assertThat(put(key, value, 0)).isEqualTo(RawPutResponse.getDefaultInstance());
  }

  private RawGetResponse get(String key) {
    return await(
        raw().get(RawGetRequest.newBuilder().setContext(context()).setKey(key(key)).build()));
  }

  private String value(String key) {
    RawGetResponse response = get(key);
    assertThat(response.getError()).isEmpty();
    assertThat(response.hasRegionError()).isFalse();
    return response.getNotFound() ? null : response.getValue().toStringUtf8();
  }

  private void delete(String key) {
    await(
        raw().delete(RawDeleteRequest.newBuilder().setContext(context()).setKey(key(key)).build()));
  }

  private RawScanRequest.Builder scanOf(String start, String end, int limit) {
    return RawScanRequest.newBuilder()
        .setContext(context())
        .setStartKey(key(start))
        .setEndKey(key(end))
        .setLimit(limit);
  }

  private List<String> scan(RawScanRequest.Builder request) {
    return shown(await(raw().scan(request.build())).getKvsList());
  }

  private List<String> shown(List<KvPair> pairs) {
    List<String> shown = new ArrayList<>();
    int skip = key("").size();
    for (KvPair pair : pairs) {
      assertThat(pair.hasError()).as(pair.getError().getAbort()).isFalse();
      shown.add(
          pair.getKey().substring(skip).toStringUtf8() + "=" + pair.getValue().toStringUtf8());
    }
    return shown;
  }

  @ParameterizedTest
  @EnumSource(names = {"V1", "V1TTL", "V2"})
  void r1PutGetDelete(APIVersion apiVersion) {
    open(apiVersion);
    assertThat(value("k")).isNull();
    put("k", "v");
    assertThat(value("k")).isEqualTo("v");
    put("k", "w");
    assertThat(value("k")).isEqualTo("w");
    delete("k");
    assertThat(value("k")).isNull();
    delete("k");
    put("k", "again");
    assertThat(value("k")).isEqualTo("again");
  }

  @ParameterizedTest
  @EnumSource(names = {"V1", "V1TTL", "V2"})
  void r2EmptyValueIsAValue(APIVersion apiVersion) {
    open(apiVersion);
    put("k", "");
    assertThat(get("k").getNotFound()).isFalse();
    assertThat(get("k").getValue()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"V1", "V1TTL", "V2"})
  void r3BatchPutAndGetInRequestOrder(APIVersion apiVersion) {
    open(apiVersion);
    RawBatchPutRequest.Builder puts = RawBatchPutRequest.newBuilder().setContext(context());
    for (String name : List.of("a", "b", "c")) {
      puts.addPairs(KvPair.newBuilder().setKey(key(name)).setValue(bytes(name + "1")));
    }
    assertThat(await(raw().batchPut(puts.build())))
        .isEqualTo(RawBatchPutResponse.getDefaultInstance());
    RawBatchGetRequest gets =
        RawBatchGetRequest.newBuilder()
            .setContext(context())
            .addAllKeys(List.of(key("c"), key("nope"), key("a"), key("b")))
            .build();
    assertThat(shown(await(raw().batchGet(gets)).getPairsList()))
        .containsExactly("c=c1", "a=a1", "b=b1");
    await(
        raw()
            .batchDelete(
                RawBatchDeleteRequest.newBuilder()
                    .setContext(context())
                    .addKeys(key("a"))
                    .addKeys(key("nope"))
                    .build()));
    assertThat(shown(await(raw().batchGet(gets)).getPairsList())).containsExactly("c=c1", "b=b1");
  }

  @ParameterizedTest
  @EnumSource(names = {"V1", "V1TTL", "V2"})
  void r4ScansInBothDirectionsWithLimits(APIVersion apiVersion) {
    open(apiVersion);
    for (String name : List.of("a", "b", "c", "d")) {
      put(name, "old");
      put(name, name);
    }
    put("bb", "gone");
    delete("bb");
    assertThat(scan(scanOf("a", "d", 2))).containsExactly("a=a", "b=b");
    assertThat(scan(scanOf("b", "d", 9))).containsExactly("b=b", "c=c");
    assertThat(scan(scanOf("d", "a", 2).setReverse(true))).containsExactly("c=c", "b=b");
    assertThat(scan(scanOf("d", "b", 9).setReverse(true))).containsExactly("c=c", "b=b");
    assertThat(scan(scanOf("a", "d", 0))).isEmpty();
    assertThat(scan(scanOf("d", "a", 0).setReverse(true))).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"V1", "V1TTL", "V2"})
  void r5KeyOnlyScansHaveNoValues(APIVersion apiVersion) {
    open(apiVersion);
    put("a", "1");
    put("b", "2");
    assertThat(scan(scanOf("a", "z", 9).setKeyOnly(true))).containsExactly("a=", "b=");
  }

  @Test
  void scansWithoutAnEndReachTheEndOfTheRegion() {
    put("a", "1");
    put("b", "2");
    assertThat(scan(scanOf("", "", 9))).containsExactly("a=1", "b=2");
    assertThat(scan(scanOf("", "", 9).setReverse(true))).containsExactly("b=2", "a=1");
  }

  @ParameterizedTest
  @EnumSource(names = {"V1", "V1TTL", "V2"})
  void r6BatchScan(APIVersion apiVersion) {
    open(apiVersion);
    for (String name : List.of("a", "b", "c", "d")) {
      put(name, name);
    }
    RawBatchScanRequest.Builder request =
        RawBatchScanRequest.newBuilder()
            .setContext(context())
            .addRanges(KeyRange.newBuilder().setStartKey(key("a")))
            .addRanges(KeyRange.newBuilder().setStartKey(key("c")).setEndKey(key("z")))
            .setEachLimit(1);
    assertThat(shown(await(raw().batchScan(request.build())).getKvsList()))
        .containsExactly("a=a", "c=c");
    request.setReverse(true);
    List<KvPair> refused = await(raw().batchScan(request.build())).getKvsList();
    assertThat(refused).hasSize(1);
    assertThat(refused.getFirst().getError().getAbort()).contains("Invalid KeyRanges");
  }

  @ParameterizedTest
  @EnumSource(names = {"V1", "V1TTL", "V2"})
  void r7DeleteRange(APIVersion apiVersion) {
    open(apiVersion);
    for (String name : List.of("a", "b", "c")) {
      put(name, "old");
      put(name, name);
    }
    RawDeleteRangeRequest.Builder request =
        RawDeleteRangeRequest.newBuilder().setContext(context()).setStartKey(key("a"));
    assertThat(await(raw().deleteRange(request.setEndKey(key("c")).build())).getError()).isEmpty();
    assertThat(scan(scanOf("a", "z", 9))).containsExactly("c=c");
    assertThat(await(raw().deleteRange(request.clearEndKey().build())).getError()).isNotEmpty();
    assertThat(value("c")).isEqualTo("c");
  }

  private RawGetKeyTTLResponse ttl(String key) {
    return await(
        raw()
            .getKeyTtl(
                RawGetKeyTTLRequest.newBuilder().setContext(context()).setKey(key(key)).build()));
  }

  @ParameterizedTest
  @EnumSource(names = {"V1TTL", "V2"})
  void r8EntriesExpire(APIVersion apiVersion) {
    open(apiVersion);
    put("k", "v", 10);
    put("forever", "v");
    assertThat(ttl("k").getTtl()).isEqualTo(10);
    assertThat(ttl("forever").getTtl()).isZero();
    assertThat(ttl("forever").getNotFound()).isFalse();
    store.clock().advanceNanos(TimeUnit.SECONDS.toNanos(9));
    assertThat(ttl("k").getTtl()).isEqualTo(1);
    assertThat(value("k")).isEqualTo("v");
    store.clock().advanceNanos(TimeUnit.SECONDS.toNanos(1));
    assertThat(value("k")).isNull();
    assertThat(ttl("k").getNotFound()).isTrue();
    assertThat(scan(scanOf("a", "z", 9))).containsExactly("forever=v");
    assertThat(scan(scanOf("z", "a", 9).setReverse(true))).containsExactly("forever=v");
    delete("forever");
    assertThat(ttl("forever").getNotFound()).isTrue();
  }

  @Test
  void r9TtlNeedsAStoreThatHasIt() {
    assertThat(put("k", "v", 5).getError()).contains("ttl is not enabled");
    assertThat(value("k")).isNull();
    assertThat(ttl("k").getError()).isNotEmpty();
  }

  @Test
  void r10TtlsOfABatch() {
    open(APIVersion.V1TTL);
    RawBatchPutRequest.Builder request =
        RawBatchPutRequest.newBuilder()
            .setContext(context())
            .addPairs(KvPair.newBuilder().setKey(key("a")).setValue(bytes("1")))
            .addPairs(KvPair.newBuilder().setKey(key("b")).setValue(bytes("2")))
            .addPairs(KvPair.newBuilder().setKey(key("c")).setValue(bytes("3")));
    String error = await(raw().batchPut(request.addTtls(7).addTtls(8).build())).getError();
    assertThat(error).contains("length of ttls");
    assertThat(value("a")).isNull();
    assertThat(await(raw().batchPut(request.clearTtls().addTtls(7).build())).getError()).isEmpty();
    assertThat(ttl("c").getTtl()).isEqualTo(7);
    await(raw().batchPut(request.clearTtls().addAllTtls(List.of(1L, 0L, 3L)).build()));
    assertThat(ttl("a").getTtl()).isEqualTo(1);
    assertThat(ttl("b").getTtl()).isZero();
    assertThat(ttl("c").getTtl()).isEqualTo(3);
  }

  private RawCASRequest.Builder cas(String key, String value) {
    return RawCASRequest.newBuilder().setContext(context()).setKey(key(key)).setValue(bytes(value));
  }

  private RawCASResponse run(RawCASRequest.Builder request) {
    return await(raw().compareAndSwap(request.build()));
  }

  @ParameterizedTest
  @EnumSource(names = {"V1", "V1TTL", "V2"})
  void r11AndR12CompareAndSwap(APIVersion apiVersion) {
    open(apiVersion);
    RawCASResponse created = run(cas("k", "1").setPreviousNotExist(true));
    assertThat(created.getSucceed()).isTrue();
    assertThat(created.getPreviousNotExist()).isTrue();
    RawCASResponse refused = run(cas("k", "2").setPreviousNotExist(true));
    assertThat(refused.getSucceed()).isFalse();
    assertThat(refused.getPreviousNotExist()).isFalse();
    assertThat(refused.getPreviousValue()).isEqualTo(bytes("1"));
    RawCASRequest.Builder removal = cas("k", "").setPreviousValue(bytes("1")).setDelete(true);
    assertThat(run(removal).getSucceed()).isTrue();
    assertThat(value("k")).isNull();
    RawCASResponse late = run(removal);
    assertThat(late.getSucceed()).isFalse();
    assertThat(late.getPreviousNotExist()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(names = {"V1", "V2"})
  void r13ConcurrentIncrementsLoseNothing(APIVersion apiVersion) throws InterruptedException {
    open(apiVersion);
    put("n", "0");
    AtomicInteger successes = new AtomicInteger();
    List<Thread> clients = new ArrayList<>();
    for (int c = 0; c < 8; c++) {
      clients.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int i = 0; i < 50; i++) {
                  int seen = Integer.parseInt(value("n"));
                  RawCASResponse response =
                      run(cas("n", "" + (seen + 1)).setPreviousValue(bytes("" + seen)));
                  if (response.getSucceed()) {
                    successes.incrementAndGet();
                  }
                }
              }));
    }
    for (Thread client : clients) {
      client.join();
    }
    assertThat(Integer.parseInt(value("n"))).isEqualTo(successes.get());
    assertThat(successes.get()).isPositive();
  }

  @ParameterizedTest
  @EnumSource(names = {"V1", "V1TTL", "V2"})
  void r14ChecksumIsTheXorOfTheEntries(APIVersion apiVersion) {
    open(apiVersion);
    put("a", "1");
    put("b", "overwritten");
    put("b", "two");
    put("z", "outside");
    RawChecksumResponse response =
        await(
            raw()
                .checksum(
                    RawChecksumRequest.newBuilder()
                        .setContext(context())
                        .setAlgorithm(ChecksumAlgorithm.Crc64_Xor)
                        .addRanges(KeyRange.newBuilder().setStartKey(key("a")).setEndKey(key("c")))
                        .build()));
    long expected = crc(key("a"), "1") ^ crc(key("b"), "two");
    assertThat(response.getError()).isEmpty();
    assertThat(response.getChecksum()).isEqualTo(expected);
    assertThat(response.getTotalKvs()).isEqualTo(2);
    assertThat(response.getTotalBytes()).isEqualTo(2L * key("a").size() + 4);
  }

  private static long crc(ByteString key, String value) {
    return new Crc64().update(key.toByteArray()).update(value.getBytes()).value();
  }

  @Test
  void r15Families() {
    RawPutRequest.Builder write =
        RawPutRequest.newBuilder().setContext(context()).setKey(key("k")).setValue(bytes("v"));
    await(raw().put(write.setCf("lock").build()));
    RawGetRequest.Builder read = RawGetRequest.newBuilder().setContext(context()).setKey(key("k"));
    assertThat(await(raw().get(read.setCf("lock").build())).getValue()).isEqualTo(bytes("v"));
    assertThat(await(raw().get(read.setCf("default").build())).getNotFound()).isTrue();
    assertThat(await(raw().put(write.setCf("raft").build())).getError()).contains("invalid cf");
    assertThat(await(raw().get(read.setCf("nope").build())).getError()).contains("invalid cf");
    open(APIVersion.V2);
    String error =
        await(raw().get(read.setContext(context()).setKey(key("k")).setCf("default").build()))
            .getError();
    assertThat(error).contains("cf is deprecated");
  }

  @Test
  void r16KeySizes() {
    assertThat(put("k".repeat(8192), "v", 0).getError()).isEmpty();
    assertThat(put("k".repeat(8193), "v", 0).getError()).contains("max key size exceeded");
  }

  @Test
  void r17KeysAndVersionsMustFitTheStore() {
    open(APIVersion.V2);
    RawGetRequest.Builder read = RawGetRequest.newBuilder().setContext(context());
    assertThat(await(raw().get(read.setKey(bytes("xk")).build())).getError())
        .contains("Key mode mismatched");
    RawScanRequest wide = scanOf("", "", 9).setStartKey(bytes("r")).setEndKey(bytes("x")).build();
    assertThat(await(raw().scan(wide)).getKvs(0).getError().getAbort())
        .contains("Key mode mismatched");
    RawScanRequest whole = scanOf("", "", 9).setStartKey(bytes("r")).setEndKey(bytes("s")).build();
    assertThat(await(raw().scan(whole)).getKvsList()).isEmpty();
    Context old = context().toBuilder().setApiVersion(APIVersion.V1).build();
    assertThat(await(raw().get(read.setContext(old).setKey(key("k")).build())).getError())
        .contains("Api version in request does not match");
  }

  @Test
  void r18OtherRegionsAreRefused() {
    store.close();
    store = new TestStorage(APIVersion.V1, "b".getBytes(), "m".getBytes());
    assertThat(get("a").getRegionError().hasKeyNotInRegion()).isTrue();
    assertThat(put("z", "v", 0).getRegionError().hasKeyNotInRegion()).isTrue();
    assertThat(await(raw().scan(scanOf("a", "c", 9).build())).getRegionError().hasKeyNotInRegion())
        .isTrue();
    put("l", "last");
    assertThat(scan(scanOf("b", "z", 9))).containsExactly("l=last");
    Context unknown = context().toBuilder().setRegionId(77).build();
    RawGetRequest request = RawGetRequest.newBuilder().setContext(unknown).setKey(key("c")).build();
    assertThat(await(raw().get(request)).getRegionError().hasRegionNotFound()).isTrue();
  }

  @Test
  void getsThatArriveTogetherAreAnsweredEachAtItsPlace() throws InterruptedException {
    put("a", "1");
    put("b", "2");
    Context unknown = context().toBuilder().setRegionId(77).build();
    RawGetRequest.Builder get = RawGetRequest.newBuilder().setContext(context());
    List<RawGetRequest> requests =
        List.of(
            get.setKey(key("b")).build(),
            get.setKey(key("a")).setContext(unknown).build(),
            get.setKey(key("nope")).setContext(context()).build(),
            get.setKey(key("a")).build(),
            get.setKey(key("a")).setCf("bad").build());
    RawGetResponse[] responses = new RawGetResponse[requests.size()];
    CountDownLatch all = new CountDownLatch(responses.length);
    raw()
        .getAll(
            requests,
            (indexes, answered) -> {
              for (int i = 0; i < indexes.length; i++) {
                responses[indexes[i]] = answered.get(i);
                all.countDown();
              }
            });
    assertThat(all.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(responses[0].getValue()).isEqualTo(bytes("2"));
    assertThat(responses[1].getRegionError().hasRegionNotFound()).isTrue();
    assertThat(responses[2].getNotFound()).isTrue();
    assertThat(responses[3].getValue()).isEqualTo(bytes("1"));
    assertThat(responses[4].getError()).contains("invalid cf");
  }

  @Test
  void rowAtHandIsAnsweredByTheCallingThreadUntilItIsWritten() {
    put("a", "1");
    assertThat(get("a").getValue()).isEqualTo(bytes("1"));
    assertThat(getNow("a")).isEqualTo(RawGetResponse.newBuilder().setValue(bytes("1")).build());
    assertThat(store.gate().hits()).isOne();
    assertThat(getNow("b")).isNull();
    put("a", "2");
    assertThat(getNow("a")).isNull();
    assertThat(get("a").getValue()).isEqualTo(bytes("2"));
    assertThat(getNow("a")).isNotNull();
    store.gate().setLeased(false);
    assertThat(getNow("a")).isNull();
  }

  @Test
  void rowAtHandExpires() {
    store.close();
    store = new TestStorage(APIVersion.V1TTL);
    put("a", "1", 10);
    assertThat(get("a").getValue()).isEqualTo(bytes("1"));
    assertThat(getNow("a")).isEqualTo(RawGetResponse.newBuilder().setValue(bytes("1")).build());
    store.clock().advanceNanos(TimeUnit.SECONDS.toNanos(10));
    assertThat(getNow("a")).isEqualTo(RawGetResponse.newBuilder().setNotFound(true).build());
  }

  /** The answer if it is there before the call returns. */
  private @Nullable RawGetResponse getNow(String key) {
    Thread caller = Thread.currentThread();
    AtomicReference<@Nullable RawGetResponse> now = new AtomicReference<>();
    raw()
        .getAll(
            List.of(RawGetRequest.newBuilder().setContext(context()).setKey(key(key)).build()),
            (indexes, responses) -> {
              if (Thread.currentThread() == caller) {
                now.set(responses.getFirst());
              }
            });
    return now.get();
  }

  @Test
  void compareAndSwapsOfOneKeyRunOneAfterTheOther() {
    put("k", "1");
    store.gate().holdProposals();
    var first = raw().compareAndSwap(cas("k", "2").setPreviousValue(bytes("1")).build());
    var second = raw().compareAndSwap(cas("k", "3").setPreviousValue(bytes("2")).build());
    while (store.gate().heldProposals() == 0) {
      Thread.onSpinWait();
    }
    assertThat(second.toCompletableFuture()).isNotDone();
    store.gate().releaseProposals();
    assertThat(await(first).getSucceed()).isTrue();
    assertThat(await(second).getSucceed()).isTrue();
    assertThat(value("k")).isEqualTo("3");
  }

  @Test
  void rawWritesOfVersion2WaitForMaxTs() {
    open(APIVersion.V2);
    store.gate().setMaxTsSynced(false);
    assertThat(put("k", "v", 0).getRegionError().hasMaxTimestampNotSynced()).isTrue();
    store.gate().setMaxTsSynced(true);
    put("k", "v");
    assertThat(value("k")).isEqualTo("v");
  }

  @Test
  void checksumVectors() {
    assertThat(new Crc64().update("123456789".getBytes()).value()).isEqualTo(0x995DC9BBDF1939FAL);
    byte[] data = new byte[1000];
    Arrays.fill(data, (byte) 7);
    long whole = new Crc64().update(data).value();
    long parts =
        new Crc64()
            .update(Arrays.copyOf(data, 3))
            .update(Arrays.copyOfRange(data, 3, 1000))
            .value();
    assertThat(parts).isEqualTo(whole);
  }
}
