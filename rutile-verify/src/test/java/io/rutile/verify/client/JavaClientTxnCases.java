package io.rutile.verify.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.rutile.verify.process.Playground;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.tikv.common.BytePairWrapper;
import org.tikv.common.ByteWrapper;
import org.tikv.common.TiConfiguration;
import org.tikv.common.TiConfiguration.ApiVersion;
import org.tikv.common.TiSession;
import org.tikv.common.exception.TiBatchWriteException;
import org.tikv.common.exception.TiKVException;
import org.tikv.common.util.ConcreteBackOffer;
import org.tikv.kvproto.Kvrpcpb.KvPair;
import org.tikv.shade.com.google.protobuf.ByteString;
import org.tikv.txn.KVClient;
import org.tikv.txn.TwoPhaseCommitter;

/**
 * The official Java client's transactional API, unmodified, over the wire to a real process, in
 * both API versions; and what it does about the locks of a client that died at each step of its
 * commit.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class JavaClientTxnCases {
  private static final int BACK_OFF_MILLIS = 20_000;

  /** Short, so that a dead client's locks may be resolved soon. */
  private static final long LOCK_TTL_MILLIS = 500;

  private final ApiVersion apiVersion;
  private final AtomicInteger tests = new AtomicInteger();
  private Playground playground;
  private TiSession session;
  private KVClient client;

  JavaClientTxnCases(ApiVersion apiVersion) {
    this.apiVersion = apiVersion;
  }

  @BeforeAll
  void start(@TempDir Path directory) {
    playground =
        apiVersion == ApiVersion.V2
            ? Playground.start(directory, 1, "--api-version", "2")
            : Playground.start(directory, 1);
    TiConfiguration configuration = TiConfiguration.createDefault(playground.pdEndpoint());
    configuration.setApiVersion(apiVersion);
    session = TiSession.create(configuration);
    client = session.createKVClient();
  }

  @AfterAll
  void stop() throws Exception {
    client.close();
    session.close();
    playground.close();
  }

  @Test
  void aCommittedTransactionIsReadAtAndAfterItsTimestampOnly() throws Exception {
    String prefix = prefix();
    long before = timestamp();
    long committed = put(prefix, 5, "old");
    assertThat(read(prefix + 0, before)).isEmpty();
    assertThat(read(prefix + 4, committed)).isEqualTo("old4");
    long updated = put(prefix, 5, "new");
    assertThat(read(prefix + 2, committed)).isEqualTo("old2");
    assertThat(read(prefix + 2, updated)).isEqualTo("new2");
  }

  @Test
  void batchGetAndScanReadOneSnapshot() throws Exception {
    String prefix = prefix();
    long committed = put(prefix, 9, "old");
    put(prefix, 9, "new");
    List<ByteString> keys = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      keys.add(ByteString.copyFromUtf8(prefix + i));
    }
    List<KvPair> pairs =
        client.batchGet(ConcreteBackOffer.newCustomBackOff(BACK_OFF_MILLIS), keys, committed);
    assertThat(pairs).hasSize(9);
    assertThat(pairs).allSatisfy(p -> assertThat(p.getValue().toStringUtf8()).startsWith("old"));
    if (apiVersion == ApiVersion.V2) {
      return; // This client's scans name no end key, which TiKV refuses in API version 2 as well.
    }
    List<KvPair> scanned =
        client.scan(
            ByteString.copyFromUtf8(prefix + 2), ByteString.copyFromUtf8(prefix + 6), committed);
    assertThat(scanned)
        .extracting(p -> p.getValue().toStringUtf8())
        .containsExactly("old2", "old3", "old4", "old5");
  }

  @Test
  void locksOfAClientThatDiedBeforeItsCommitAreRolledBack() throws Exception {
    String prefix = prefix();
    put(prefix, 3, "old");
    long start = timestamp();
    prewrite(prefix, 3, "dead", start);
    for (int i = 0; i < 3; i++) {
      assertThat(read(prefix + i, timestamp())).isEqualTo("old" + i);
    }
  }

  @Test
  void locksOfAClientThatDiedAfterThePrimaryCommitAreCommitted() throws Exception {
    String prefix = prefix();
    put(prefix, 3, "old");
    long start = timestamp();
    TwoPhaseCommitter committer = prewrite(prefix, 3, "new", start);
    long commit = timestamp();
    committer.commitPrimaryKey(
        ConcreteBackOffer.newCustomBackOff(BACK_OFF_MILLIS), utf8(prefix + 0), commit);
    for (int i = 0; i < 3; i++) {
      assertThat(read(prefix + i, timestamp())).isEqualTo("new" + i);
    }
    assertThat(read(prefix + 1, start)).isEqualTo("old1");
  }

  @Test
  void locksOfAClientThatDiedDuringItsPrewriteAreRolledBack() throws Exception {
    String prefix = prefix();
    put(prefix, 3, "old");
    TwoPhaseCommitter committer = new TwoPhaseCommitter(session, timestamp(), LOCK_TTL_MILLIS);
    committer.prewritePrimaryKey(
        ConcreteBackOffer.newCustomBackOff(BACK_OFF_MILLIS), utf8(prefix + 0), utf8("dead0"));
    assertThat(read(prefix + 0, timestamp())).isEqualTo("old0");
    long committed = put(prefix, 3, "new");
    assertThat(read(prefix + 0, committed)).isEqualTo("new0");
  }

  /** Increments by many threads: each successful commit counts once, a conflicting one never. */
  @Test
  void concurrentIncrementsAreNeverLost() throws Exception {
    String prefix = prefix();
    put(prefix, 1, "");
    AtomicInteger committed = new AtomicInteger();
    ConcurrentLinkedQueue<Throwable> surprises = new ConcurrentLinkedQueue<>();
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int i = 0; i < 10; i++) {
                  try {
                    increment(prefix);
                    committed.incrementAndGet();
                  } catch (GaveUpException e) {
                    // A conflict: this attempt wrote nothing.
                  } catch (Throwable e) {
                    surprises.add(e);
                  }
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(surprises).isEmpty();
    assertThat(committed.get()).isPositive();
    assertThat(read(prefix + 0, timestamp())).hasSize(committed.get());
  }

  private void increment(String prefix) throws Exception {
    long start = timestamp();
    String value = read(prefix + 0, start);
    TwoPhaseCommitter committer = new TwoPhaseCommitter(session, start, LOCK_TTL_MILLIS * 20);
    try {
      committer.prewritePrimaryKey(
          ConcreteBackOffer.newCustomBackOff(1000), utf8(prefix + 0), utf8(value + "x"));
    } catch (TiKVException | TiBatchWriteException e) {
      throw new GaveUpException(e);
    }
    commitPrimary(committer, prefix + 0);
  }

  /**
   * Commits at a new timestamp each time: a reader may push the transaction past the one before,
   * and this client would repeat that one until its time is over. The lock outlives all attempts,
   * so that nobody else decides.
   */
  private void commitPrimary(TwoPhaseCommitter committer, String key) {
    for (int attempt = 1; ; attempt++) {
      try {
        committer.commitPrimaryKey(ConcreteBackOffer.newCustomBackOff(50), utf8(key), timestamp());
        return;
      } catch (TiKVException | TiBatchWriteException e) {
        if (attempt == 20) {
          throw e;
        }
      }
    }
  }

  /** Commits keys 0 to count - 1 of the prefix in one transaction; returns its commit timestamp. */
  private long put(String prefix, int count, String value) throws Exception {
    TwoPhaseCommitter committer = prewrite(prefix, count, value, timestamp());
    long commit = timestamp();
    committer.commitPrimaryKey(
        ConcreteBackOffer.newCustomBackOff(BACK_OFF_MILLIS), utf8(prefix + 0), commit);
    List<ByteWrapper> secondaries = new ArrayList<>();
    for (int i = 1; i < count; i++) {
      secondaries.add(new ByteWrapper(utf8(prefix + i)));
    }
    if (!secondaries.isEmpty()) {
      committer.commitSecondaryKeys(secondaries.iterator(), commit, BACK_OFF_MILLIS);
    }
    return commit;
  }

  private TwoPhaseCommitter prewrite(String prefix, int count, String value, long start)
      throws Exception {
    TreeMap<String, String> pairs = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      pairs.put(prefix + i, value.isEmpty() ? "" : value + i);
    }
    TwoPhaseCommitter committer = new TwoPhaseCommitter(session, start, LOCK_TTL_MILLIS);
    byte[] primary = utf8(prefix + 0);
    committer.prewritePrimaryKey(
        ConcreteBackOffer.newCustomBackOff(BACK_OFF_MILLIS), primary, utf8(pairs.get(prefix + 0)));
    Iterator<BytePairWrapper> secondaries =
        pairs.entrySet().stream()
            .skip(1)
            .map(pair -> new BytePairWrapper(utf8(pair.getKey()), utf8(pair.getValue())))
            .iterator();
    if (secondaries.hasNext()) {
      committer.prewriteSecondaryKeys(primary, secondaries, BACK_OFF_MILLIS);
    }
    return committer;
  }

  private String read(String key, long timestamp) {
    return client.get(ByteString.copyFromUtf8(key), timestamp).toStringUtf8();
  }

  private long timestamp() {
    return session.getTimestamp().getVersion();
  }

  private String prefix() {
    return "test" + tests.incrementAndGet() + "/";
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** An attempt that did not get past its prewrite. */
  private static final class GaveUpException extends Exception {
    GaveUpException(Exception cause) {
      super(cause);
    }
  }
}
