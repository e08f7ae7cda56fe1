package io.rutile.verify.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rutile.verify.process.Playground;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.tikv.common.TiConfiguration;
import org.tikv.common.TiConfiguration.ApiVersion;
import org.tikv.common.TiSession;
import org.tikv.common.exception.RawCASConflictException;
import org.tikv.common.util.Pair;
import org.tikv.kvproto.Kvrpcpb.KvPair;
import org.tikv.raw.RawKVClient;
import org.tikv.shade.com.google.protobuf.ByteString;

/**
 * The official Java client's raw API, unmodified, over the wire to a real process; with TTL, in
 * both API versions.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class JavaClientRawCases {
  private final ApiVersion apiVersion;
  private final AtomicInteger tests = new AtomicInteger();
  private Playground playground;
  private TiSession session;
  private RawKVClient client;

  JavaClientRawCases(ApiVersion apiVersion) {
    this.apiVersion = apiVersion;
  }

  @BeforeAll
  void start(@TempDir Path directory) {
    playground =
        Playground.start(
            directory, 1, "--api-version", apiVersion == ApiVersion.V2 ? "2" : "1", "--enable-ttl");
    TiConfiguration configuration = TiConfiguration.createRawDefault(playground.pdEndpoint());
    configuration.setApiVersion(apiVersion);
    configuration.setEnableAtomicForCAS(true);
    session = TiSession.create(configuration);
    client = session.createRawClient();
  }

  @AfterAll
  void stop() throws Exception {
    client.close();
    session.close();
    playground.close();
  }

  @Test
  void putGetDelete() {
    ByteString key = key("key");
    client.put(key, bytes("value"));
    assertThat(client.get(key)).contains(bytes("value"));
    client.delete(key);
    assertThat(client.get(key)).isEmpty();
  }

  @Test
  void batches() {
    Map<ByteString, ByteString> pairs =
        new TreeMap<>(ByteString.unsignedLexicographicalComparator());
    String prefix = prefix();
    for (int i = 0; i < 2000; i++) {
      pairs.put(bytes(prefix + "%05d".formatted(i)), bytes("v" + i));
    }
    client.batchPut(pairs);
    List<ByteString> keys = new ArrayList<>(pairs.keySet()); // the client sorts it in place
    List<KvPair> read = client.batchGet(keys);
    assertThat(read).hasSize(2000);
    assertThat(read).allSatisfy(p -> assertThat(p.getValue()).isEqualTo(pairs.get(p.getKey())));
    client.batchDelete(keys);
    assertThat(client.batchGet(keys)).isEmpty();
  }

  @Test
  void scans() {
    String prefix = prefix();
    for (int i = 0; i < 10; i++) {
      client.put(bytes(prefix + i), bytes("v" + i));
    }
    ByteString start = bytes(prefix + "2");
    ByteString end = bytes(prefix + "7");
    assertThat(client.scan(start, end, 100))
        .extracting(KvPair::getValue)
        .containsExactly(values(2, 7));
    assertThat(client.scan(start, end, 3))
        .extracting(KvPair::getValue)
        .containsExactly(values(2, 5));
    assertThat(client.scan(start, end, 100, true))
        .extracting(KvPair::getValue)
        .containsOnly(ByteString.EMPTY)
        .hasSize(5);
    assertThat(client.scanPrefix(bytes(prefix))).hasSize(10);
    client.deleteRange(start, end);
    assertThat(client.scanPrefix(bytes(prefix))).hasSize(5);
  }

  @Test
  void compareAndSet() {
    ByteString key = key("counter");
    assertThat(client.putIfAbsent(key, bytes("1"))).isEmpty();
    assertThat(client.putIfAbsent(key, bytes("2"))).contains(bytes("1"));
    client.compareAndSet(key, Optional.of(bytes("1")), bytes("3"));
    assertThat(client.get(key)).contains(bytes("3"));
    assertThatThrownBy(() -> client.compareAndSet(key, Optional.of(bytes("1")), bytes("4")))
        .isInstanceOf(RawCASConflictException.class);
    assertThat(client.get(key)).contains(bytes("3"));
  }

  @Test
  void timeToLive() {
    ByteString key = key("ttl");
    client.put(key, bytes("value"), 100);
    assertThat(client.getKeyTTL(key).orElseThrow()).isBetween(90L, 100L);
    ByteString forever = key("forever");
    client.put(forever, bytes("value"));
    assertThat(client.getKeyTTL(forever)).contains(0L);
    assertThat(client.getKeyTTL(key("missing"))).isEmpty();
  }

  @Test
  void batchScansOverSeveralRanges() {
    String prefix = prefix();
    for (int i = 0; i < 100; i++) {
      client.put(bytes(prefix + "%03d".formatted(i)), bytes("v" + i));
    }
    assertThat(client.scanPrefix(bytes(prefix))).hasSize(100);
    for (int i = 0; i < 100; i++) {
      assertThat(client.get(bytes(prefix + "%03d".formatted(i)))).contains(bytes("v" + i));
    }
    assertThat(
            client.batchScanKeys(
                List.of(
                    Pair.create(bytes(prefix + "000"), bytes(prefix + "030")),
                    Pair.create(bytes(prefix + "060"), bytes(prefix + "070"))),
                100))
        .extracting(List::size)
        .containsExactly(30, 10);
  }

  private String prefix() {
    return "test" + tests.incrementAndGet() + "/";
  }

  private ByteString key(String name) {
    return bytes(prefix() + name);
  }

  private static ByteString[] values(int from, int to) {
    ByteString[] values = new ByteString[to - from];
    for (int i = from; i < to; i++) {
      values[i - from] = bytes("v" + i);
    }
    return values;
  }

  private static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }
}
