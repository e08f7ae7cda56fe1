package io.rutile.server.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.GetResponse;
import io.rutile.proto.kvrpcpb.SplitRegionRequest;
import io.rutile.proto.kvrpcpb.SplitRegionResponse;
import io.rutile.proto.kvrpcpb.StoreSafeTSRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads of followers on three stores: stale ones by safe timestamp, others through the leader. */
class ReplicaReadTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir static Path directory;

  private static StoreGroup stores;

  @BeforeAll
  static void start() throws Exception {
    stores = new StoreGroup(directory, 3, Map.of("resolved-ts.advance-ts-interval", "100ms"));
  }

  @AfterAll
  static void stop() throws Exception {
    stores.close();
  }

  @Test
  void everyReplicaServesStaleReadsBelowItsSafeTimestampAndNoneAboveAnOpenLock() {
    byte[] key = "stale".getBytes();
    long commit = stores.commit(key, stores.prewrite(key, "one"));
    for (StoreNode node : stores.nodes()) {
      awaitSafe(node.storeId(), commit);
      GetResponse read = stores.get(stale(key, node.storeId()), key, commit);
      assertThat(read.getValue().toStringUtf8()).as("at store " + node.storeId()).isEqualTo("one");
    }
    long open = stores.prewrite(key, "two");
    long above = stores.pd.timestamp();
    for (StoreNode node : stores.nodes()) {
      awaitSafe(node.storeId(), open - 1);
      assertThat(safeTs(node.storeId())).as("an open lock holds it back").isLessThan(above);
      GetResponse refused = stores.get(stale(key, node.storeId()), key, above);
      assertThat(refused.getRegionError().hasDataIsNotReady()).isTrue();
      assertThat(refused.getRegionError().getDataIsNotReady().getSafeTs()).isLessThan(above);
      assertThat(stores.get(stale(key, node.storeId()), key, open - 1).getValue().toStringUtf8())
          .isEqualTo("one");
    }
    long second = stores.commit(key, open);
    for (StoreNode node : stores.nodes()) {
      awaitSafe(node.storeId(), second);
      assertThat(stores.get(stale(key, node.storeId()), key, second).getValue().toStringUtf8())
          .isEqualTo("two");
    }
    await()
        .atMost(PATIENCE)
        .until(() -> stores.pd.minResolvedTs.getOrDefault(stores.leaderStore(key), 0L) >= second);
  }

  @Test
  void safeTimestampsGoOnUnderANewLeader() {
    byte[] key = "moved".getBytes();
    stores.commit(key, stores.prewrite(key, "one"));
    stores.transferLeader(key, stores.followerStore(key));
    long commit =
        await()
            .atMost(PATIENCE)
            .ignoreExceptionsInstanceOf(AssertionError.class)
            .until(() -> stores.commit(key, stores.prewrite(key, "two")), ts -> ts > 0);
    for (StoreNode node : stores.nodes()) {
      awaitSafe(node.storeId(), commit);
      assertThat(stores.get(stale(key, node.storeId()), key, commit).getValue().toStringUtf8())
          .isEqualTo("two");
    }
  }

  @Test
  void bothPartsOfASplitRegionGoOnAndALockHoldsBackItsOwnPartOnly() {
    byte[] low = "split-a".getBytes();
    byte[] high = "split-z".getBytes();
    long open = stores.prewrite(low, "open");
    SplitRegionResponse split =
        stores
            .tikv(stores.leaderStore(low))
            .splitRegion(
                SplitRegionRequest.newBuilder()
                    .setContext(stores.leader(low))
                    .addSplitKeys(ByteString.copyFromUtf8("split-m"))
                    .build());
    assertThat(split.hasRegionError()).isFalse();
    long commit =
        await()
            .atMost(PATIENCE)
            .ignoreExceptions()
            .until(() -> stores.commit(high, stores.prewrite(high, "one")), ts -> ts > 0);
    for (StoreNode node : stores.nodes()) {
      await()
          .atMost(PATIENCE)
          .until(() -> stores.get(stale(high, node.storeId()), high, commit).getValue().size() > 0);
      assertThat(
              stores
                  .get(stale(low, node.storeId()), low, commit)
                  .getRegionError()
                  .hasDataIsNotReady())
          .isTrue();
    }
    stores.commit(low, open);
  }

  @Test
  void aStaleReadWithoutATimestampIsRefused() {
    byte[] key = "nothing".getBytes();
    assertThat(stores.get(stale(key, stores.leaderStore(key)), key, 0).getError().getAbort())
        .contains("timestamp");
  }

  @Test
  void aFollowerReadsWhatWasCommittedAndIsRefusedByLocks() {
    byte[] key = "follower".getBytes();
    long follower = stores.followerStore(key);
    long commit = stores.commit(key, stores.prewrite(key, "one"));
    Context.Builder context = stores.context(key, follower).setReplicaRead(true);
    assertThat(stores.get(context, key, commit).getValue().toStringUtf8()).isEqualTo("one");
    assertThat(stores.get(context, key, commit - 1).getNotFound()).isTrue();
    assertThat(
            stores.get(stores.context(key, follower), key, commit).getRegionError().hasNotLeader())
        .as("without being asked for a replica read")
        .isTrue();
    long open = stores.prewrite(key, "two");
    assertThat(stores.get(context, key, stores.pd.timestamp()).getError().hasLocked()).isTrue();
    stores.commit(key, open);
    assertThat(stores.get(context, key, stores.pd.timestamp()).getValue().toStringUtf8())
        .isEqualTo("two");
  }

  private static Context.Builder stale(byte[] key, long storeId) {
    return stores.context(key, storeId).setStaleRead(true);
  }

  private static long safeTs(long storeId) {
    return stores.tikv(storeId).getStoreSafeTS(StoreSafeTSRequest.getDefaultInstance()).getSafeTs();
  }

  private static void awaitSafe(long storeId, long timestamp) {
    await().atMost(PATIENCE).until(() -> safeTs(storeId) >= timestamp);
  }
}
