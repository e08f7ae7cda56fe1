package io.rutile.txn.raw;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.rutile.base.bytes.Bytes;
import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineIterator;
import io.rutile.engine.api.ReadOptions;
import io.rutile.proto.kvrpcpb.APIVersion;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.RawGetRequest;
import io.rutile.proto.kvrpcpb.RawPutRequest;
import io.rutile.proto.kvrpcpb.RawPutResponse;
import io.rutile.txn.gc.GcWorker;
import io.rutile.txn.testing.SingleEngineGate;
import io.rutile.txn.testing.TestStorage;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Expired raw keys leave the engine; values that are written meanwhile stay. */
class TtlCheckerTest {
  private static final Duration INTERVAL = Duration.ofHours(12);

  private TestStorage store;

  @BeforeEach
  void start() {
    store = new TestStorage(APIVersion.V1TTL);
    GcWorker.LedRegion region =
        new GcWorker.LedRegion(
            Context.newBuilder().setRegionId(SingleEngineGate.REGION_ID).build(),
            Bytes.EMPTY,
            Bytes.EMPTY,
            0);
    assertThat(store.storage().startTtlChecker(() -> List.of(region), INTERVAL)).isPresent();
  }

  @AfterEach
  void stop() {
    store.close();
  }

  @Test
  void expiredKeysLeaveTheDiskAndOthersStay() {
    for (int i = 0; i < 1000; i++) {
      TestStorage.await(put("key" + i, "value", i % 2 == 0 ? 10 : 0));
    }
    TestStorage.await(put("later", "value", Duration.ofDays(2).toSeconds()));
    assertThat(stored()).isEqualTo(1001);
    store.clock().advanceNanos(INTERVAL.toNanos());
    settle(() -> stored() == 501);
    assertThat(get("key1")).isEqualTo("value");
    store.clock().advanceNanos(Duration.ofDays(3).toNanos());
    settle(() -> stored() == 500);
  }

  @Test
  void aWriteUnderWayWhenTheKeyIsFoundExpiredIsNotLost() {
    TestStorage.await(put("key", "old", 10));
    store.clock().advanceNanos(Duration.ofMinutes(1).toNanos());
    store.gate().holdProposals();
    CompletionStage<RawPutResponse> fresh = put("key", "new", 0);
    assertThat(store.gate().heldProposals()).isEqualTo(1);
    store.clock().advanceNanos(INTERVAL.toNanos());
    // The checker waits for the write; time passes for it in small steps.
    for (int i = 0; i < 20; i++) {
      store.clock().advanceNanos(Duration.ofMillis(2).toNanos());
      LockSupport.parkNanos(1_000_000);
    }
    assertThat(store.gate().heldProposals()).as("nothing is deleted meanwhile").isEqualTo(1);
    store.gate().releaseProposals();
    TestStorage.await(fresh);
    CompletionStage<RawPutResponse> later = put("key", "newer", 0);
    settle(() -> later.toCompletableFuture().isDone());
    assertThat(get("key")).isEqualTo("newer");
    assertThat(stored()).isEqualTo(1);
  }

  private CompletionStage<RawPutResponse> put(String key, String value, long ttl) {
    return store
        .storage()
        .raw()
        .put(
            RawPutRequest.newBuilder()
                .setContext(Context.getDefaultInstance())
                .setKey(ByteString.copyFromUtf8(key))
                .setValue(ByteString.copyFromUtf8(value))
                .setTtl(ttl)
                .build());
  }

  private String get(String key) {
    return TestStorage.await(
            store
                .storage()
                .raw()
                .get(
                    RawGetRequest.newBuilder()
                        .setContext(Context.getDefaultInstance())
                        .setKey(ByteString.copyFromUtf8(key))
                        .build()))
        .getValue()
        .toStringUtf8();
  }

  private int stored() {
    int count = 0;
    try (EngineIterator rows =
        store.engine().iterator(Cf.DEFAULT, Bytes.EMPTY, Bytes.EMPTY, ReadOptions.DEFAULT)) {
      for (boolean valid = rows.seekToFirst(); valid; valid = rows.next()) {
        count++;
      }
    }
    return count;
  }

  /** Lets time pass in small steps until it is so. */
  private void settle(BooleanSupplier condition) {
    for (int i = 0; i < 10_000 && !condition.getAsBoolean(); i++) {
      store.clock().advanceNanos(Duration.ofMillis(1).toNanos());
      LockSupport.parkNanos(1_000_000);
    }
    assertThat(condition.getAsBoolean()).isTrue();
  }
}
