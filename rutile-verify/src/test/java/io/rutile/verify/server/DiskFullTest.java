package io.rutile.verify.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.Mutation;
import io.rutile.proto.kvrpcpb.Op;
import io.rutile.proto.kvrpcpb.PrewriteRequest;
import io.rutile.proto.kvrpcpb.RawGetRequest;
import io.rutile.proto.kvrpcpb.RawPutRequest;
import io.rutile.proto.kvrpcpb.RawPutResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A store that has used up the capacity it was given: writes are refused with disk_full, first
 * those of new transactions, then all; reads go on; what was acknowledged is there, also after a
 * restart; and with more room it takes writes again.
 */
class DiskFullTest {
  private static final int VALUE_BYTES = 128 << 10;

  @TempDir Path directory;

  private final List<byte[]> acknowledged = new ArrayList<>();

  @Test
  void writesAreRefusedReadsGoOnAndNothingIsLost() {
    Map<String, String> items = new HashMap<>();
    items.put("raft-engine.target-file-size", "1MB");
    items.put("raftstore.capacity", "96MB");
    items.put("storage.reserve-space", "64MB");
    try (OneNode node = OneNode.start(directory, items);
        OneNode.Client client = node.client()) {
      Context context = client.context(key(0));
      assertThat(prewrite(client, context, 10)).isFalse();
      fill(client, context);
      allIsThere(client, context);
      assertThat(node.fatal).isEmpty();
    }
    try (OneNode node = OneNode.start(directory, items);
        OneNode.Client client = node.client()) {
      Context context = client.context(key(0));
      allIsThere(client, context);
      fill(client, context);
      allIsThere(client, context);
    }
    items.put("raftstore.capacity", "0");
    try (OneNode node = OneNode.start(directory, items);
        OneNode.Client client = node.client()) {
      Context context = client.context(key(0));
      allIsThere(client, context);
      assertThat(put(client, context)).isTrue();
      assertThat(prewrite(client, context, 30_000)).isFalse();
    }
  }

  /**
   * Writes until there is no room, and again when compaction has made some, until transactions too
   * are refused: they are refused earlier than raw writes.
   */
  private void fill(OneNode.Client client, Context context) {
    await()
        .atMost(60, TimeUnit.SECONDS)
        .until(() -> {
          while (put(client, context)) {
            assertThat(acknowledged.size()).as("the disk never gets full").isLessThan(2_000);
          }
          return prewrite(client, context, 10_000 + acknowledged.size());
        });
  }

  /** Whether the write was taken; if not, it was refused for the right reason. */
  private boolean put(OneNode.Client client, Context context) {
    int i = acknowledged.size();
    byte[] value = new byte[VALUE_BYTES];
    new Random(i).nextBytes(value);
    RawPutResponse response =
        client
            .tikv()
            .rawPut(
                RawPutRequest.newBuilder()
                    .setContext(context)
                    .setKey(ByteString.copyFrom(key(i)))
                    .setValue(ByteString.copyFrom(value))
                    .build());
    if (response.hasRegionError()) {
      assertThat(response.getRegionError().hasDiskFull()).as(response.toString()).isTrue();
      return false;
    }
    assertThat(response.getError()).isEmpty();
    acknowledged.add(value);
    return true;
  }

  /** Whether a new transaction is refused because the disk is full. */
  private static boolean prewrite(OneNode.Client client, Context context, long startTs) {
    ByteString key = ByteString.copyFromUtf8("key-of-txn-" + startTs);
    return client
        .tikv()
        .kvPrewrite(
            PrewriteRequest.newBuilder()
                .setContext(context)
                .addMutations(
                    Mutation.newBuilder()
                        .setOp(Op.Put)
                        .setKey(key)
                        .setValue(ByteString.copyFromUtf8("v")))
                .setPrimaryLock(key)
                .setStartVersion(startTs)
                .setLockTtl(3000)
                .build())
        .getRegionError()
        .hasDiskFull();
  }

  private void allIsThere(OneNode.Client client, Context context) {
    for (int i = 0; i < acknowledged.size(); i++) {
      RawGetRequest get =
          RawGetRequest.newBuilder()
              .setContext(context)
              .setKey(ByteString.copyFrom(key(i)))
              .build();
      assertThat(client.tikv().rawGet(get).getValue().toByteArray())
          .as("key %d", i)
          .isEqualTo(acknowledged.get(i));
    }
  }

  private static byte[] key(int i) {
    return ("key-%05d".formatted(i)).getBytes(UTF_8);
  }
}
