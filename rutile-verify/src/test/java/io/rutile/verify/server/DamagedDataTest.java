package io.rutile.verify.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.google.protobuf.ByteString;
import io.rutile.base.error.RutileException;
import io.rutile.engine.api.Cf;
import io.rutile.engine.api.EngineIterator;
import io.rutile.engine.api.ReadOptions;
import io.rutile.engine.api.WriteBatch;
import io.rutile.engine.rocks.RocksKvEngine;
import io.rutile.proto.kvrpcpb.RawGetRequest;
import io.rutile.proto.tikvpb.TikvGrpc;
import io.rutile.proto.tikvpb.TikvGrpc.TikvBlockingStub;
import io.rutile.server.config.LiveConfig;
import io.rutile.server.node.StoreNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * A store whose files were damaged while it was down does not start, and says which file it is. A
 * damage that only a read can find is an error of that read, and the store reports it.
 */
class DamagedDataTest {
  private static final int KEYS = 200;

  @TempDir Path directory;

  private OneNode node;
  private Path data;

  /** Leaves a store that is down, with data in a data file and in the Raft log. */
  @BeforeEach
  void write() {
    node = OneNode.start(directory, Map.of());
    data = directory.resolve("tikv");
    try (OneNode.Client client = node.client()) {
      for (int i = 0; i < KEYS; i++) {
        client.raw.put(key(i), "value".repeat(200).getBytes(UTF_8), 0, false);
      }
    }
    node.store.close();
  }

  @AfterEach
  void stop() {
    node.pd.close();
    assertThat(node.fatal).isEmpty();
  }

  @Test
  void damageThatAStartCanFindIsRefusedNamingTheFile() throws Exception {
    Set<Path> before = dataFiles();
    flush();
    Set<Path> flushed = dataFiles();
    flushed.removeAll(before);
    Path sst = flushed.iterator().next();
    Path segment = files("raft-engine", ".raftlog").iterator().next();

    refused(segment, file -> flip(file, 200), segment.toString());
    refused(segment, file -> flip(file, 9), segment.toString());
    refused(sst, file -> truncate(file, Files.size(file) / 2), sst.getFileName().toString());
    refused(sst, Files::delete, sst.getFileName().toString());
    Path current = data.resolve("db").resolve("CURRENT");
    refused(current, file -> Files.writeString(file, "nonsense\n"), "CURRENT");
    Path format = data.resolve("db").resolve("RUTILE");
    refused(format, file -> Files.writeString(file, "rutile-engine 99\n"), "rutile-engine 99");
    restarted().close();
  }

  @Test
  void aDamagedRegionStateIsRefusedNamingRegionAndDirectory() throws Exception {
    byte[] start = {0x01, 0x03};
    byte[] key;
    byte[] state;
    try (RocksKvEngine engine = engine()) {
      try (EngineIterator it =
          engine.iterator(Cf.RAFT, start, new byte[] {0x01, 0x04}, ReadOptions.DEFAULT)) {
        assertThat(it.seekToFirst()).isTrue();
        key = it.key();
        state = it.value();
      }
      put(engine, key, new byte[] {(byte) 0xFF, 0x7F});
    }
    long region = ByteBuffer.wrap(key, 2, Long.BYTES).getLong();
    assertThatThrownBy(() -> restarted().close())
        .isInstanceOf(RutileException.class)
        .hasMessageContaining("region " + region)
        .hasMessageContaining(data.toString());
    try (RocksKvEngine engine = engine()) {
      put(engine, key, state);
    }
    restarted().close();
  }

  @Test
  void damageWithinADataFileIsAnErrorOfTheReadAndTheStoreSaysSo() throws Exception {
    Set<Path> before = dataFiles();
    flush();
    Set<Path> flushed = dataFiles();
    flushed.removeAll(before);
    flip(largest(flushed), 100);
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
    log.start();
    root.addAppender(log);
    StoreNode store = restarted();
    try (OneNode.Client client = node.client()) {
      RawGetRequest get =
          RawGetRequest.newBuilder()
              .setContext(client.context(key(0)))
              .setKey(ByteString.copyFrom(key(0)))
              .build();
      TikvBlockingStub stub = TikvGrpc.newBlockingStub(client.channels.channel(store.address()));
      // The log has a line a second at the most, and others may have met damage just before.
      Awaitility.await()
          .untilAsserted(() -> {
            assertThat(stub.rawGet(get).getError()).contains("checksum", ".sst");
            assertThat(List.copyOf(log.list)).anySatisfy(DamagedDataTest::namesADataFile);
          });
    } finally {
      store.close();
      root.detachAppender(log);
    }
  }

  /** Damages a file, sees the start refused with a text that names it, and puts it back. */
  private void refused(Path file, Damage damage, String named) throws IOException {
    byte[] whole = Files.readAllBytes(file);
    damage.to(file);
    assertThatThrownBy(() -> restarted().close())
        .as(file.toString())
        .isInstanceOf(RutileException.class)
        .hasMessageContaining(named);
    Files.write(file, whole);
  }

  private interface Damage {
    void to(Path file) throws IOException;
  }

  private StoreNode restarted() {
    LiveConfig config = OneNode.storeConfig(node.pd, directory, Map.of());
    return StoreNode.start(config, (reason, cause) -> node.fatal.add(reason + ": " + cause));
  }

  private RocksKvEngine engine() {
    return RocksKvEngine.open(data.resolve("db"), node.config.current().rocks());
  }

  private void flush() {
    try (RocksKvEngine engine = engine()) {
      engine.flush(Cf.DEFAULT);
    }
  }

  private static void put(RocksKvEngine engine, byte[] key, byte[] value) {
    try (WriteBatch batch = engine.newWriteBatch()) {
      batch.put(Cf.RAFT, key, value);
      engine.write(batch, true);
    }
  }

  private Set<Path> dataFiles() throws IOException {
    return files("db", ".sst");
  }

  private Set<Path> files(String below, String suffix) throws IOException {
    try (Stream<Path> files = Files.list(data.resolve(below))) {
      return new TreeSet<>(files.filter(file -> file.toString().endsWith(suffix)).toList());
    }
  }

  /** The one with the data; others have the store's own records. */
  private static Path largest(Set<Path> files) throws IOException {
    Path largest = files.iterator().next();
    for (Path file : files) {
      largest = Files.size(file) > Files.size(largest) ? file : largest;
    }
    return largest;
  }

  private static void flip(Path file, long offset) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one, offset);
      one.put(0, (byte) ~one.get(0)).rewind();
      channel.write(one, offset);
    }
  }

  private static void truncate(Path file, long size) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(size);
    }
  }

  private static byte[] key(int i) {
    return ("key-" + i).getBytes(UTF_8);
  }

  private static void namesADataFile(ILoggingEvent event) {
    assertThat(event.getLevel()).isEqualTo(Level.ERROR);
    assertThat(event.getThrowableProxy().getMessage()).contains(".sst");
  }
}
