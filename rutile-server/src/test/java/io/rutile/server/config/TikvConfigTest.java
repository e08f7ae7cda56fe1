package io.rutile.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rutile.base.config.ConfigException;
import io.rutile.base.config.ConfigItem;
import io.rutile.base.config.ConfigMapper;
import io.rutile.base.tls.TlsFiles;
import io.rutile.engine.raftlog.RaftLogConfig;
import io.rutile.engine.rocks.RocksConfig;
import io.rutile.proto.kvrpcpb.APIVersion;
import io.rutile.store.RaftstoreConfig;
import io.rutile.txn.storage.StorageOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TikvConfigTest {
  private static final Machine MACHINE = new Machine(8, 64L << 30, 16L << 30);

  private final ConfigMapper<TikvConfig> mapper = TikvConfig.mapper();

  @TempDir Path dir;

  @Test
  void defaultsAreThoseOfTheModules() {
    TikvConfig config = TikvConfig.load(null, Map.of(), MACHINE);
    assertThat(config.raftstoreConfig()).isEqualTo(RaftstoreConfig.defaults());
    assertThat(config.raftEngine().raftLog()).isEqualTo(RaftLogConfig.defaults());
    assertThat(config.storageSettings())
        .isEqualTo(StorageOptions.Settings.defaults(APIVersion.V1, 8));
    RocksConfig rocks = config.rocks();
    assertThat(rocks.defaultCf()).isEqualTo(RocksConfig.defaults(0).defaultCf());
    assertThat(rocks.writeCf()).isEqualTo(RocksConfig.defaults(0).writeCf());
    assertThat(rocks.lockCf()).isEqualTo(RocksConfig.defaults(0).lockCf());
    assertThat(rocks.raftCf()).isEqualTo(RocksConfig.defaults(0).raftCf());
    assertThat(rocks.blockCacheBytes()).isEqualTo((64L << 30) / 100 * 45);
    assertThat(rocks.maxBackgroundJobs()).isEqualTo(7);
    assertThat(rocks.maxSubCompactions()).isEqualTo(2);
    assertThat(config.server().grpc().memoryQuotaBytes()).isEqualTo(4L << 30);
    assertThat(config.security().tls()).isEmpty();
  }

  @Test
  void everythingIsSetOnceItIsLoaded() {
    TikvConfig config = TikvConfig.load(null, Map.of(), Machine.here());
    assertThat(mapper.values(config)).doesNotContainValue(null);
  }

  @Test
  void aSharedMachineGetsTheEnginesSmallSettings() {
    TikvConfig config = TikvConfig.load(null, TikvConfig.sharedMachine(), MACHINE);
    assertThat(config.rocks()).isEqualTo(RocksConfig.small());
    assertThat(config.raftEngine().raftLog()).isEqualTo(RaftLogConfig.small());
  }

  @Test
  void theHeapLeavesTheBlockCacheWhatIsThere() {
    TikvConfig config = TikvConfig.load(null, Map.of(), new Machine(2, 4L << 30, 3L << 30));
    assertThat(config.rocks().blockCacheBytes()).isEqualTo((1L << 30) / 4 * 3);
  }

  @Test
  void theFileAndThenTheCommandLineDecide() throws Exception {
    Path file =
        Files.writeString(
            dir.resolve("tikv.toml"),
            """
            [server]
            addr = "0.0.0.0:20160"
            advertise-addr = "store-1:20160"
            labels = { zone = "z1", host = "h1" }
            snap-io-max-bytes-per-sec = "10MB"
            [storage]
            data-dir = "/data"
            api-version = 2
            [storage.block-cache]
            capacity = "1GB"
            [pd]
            endpoints = ["pd-1:2379", "http://pd-2:2379"]
            [raftstore]
            raft-base-tick-interval = "500ms"
            raft-store-max-leader-lease = "4s"
            store-pool-size = 3
            [coprocessor]
            region-split-size = "96MB"
            region-max-size = "144MB"
            [rocksdb]
            max-background-jobs = 6
            [rocksdb.titan]
            enabled = false
            [rocksdb.defaultcf]
            compression-per-level = ["no", "no", "no", "no", "lz4", "lz4", "zstd"]
            [raft-engine]
            dir = "/log"
            enable-log-recycle = false
            [pessimistic-txn]
            wait-for-lock-timeout = "2s"
            [security]
            ca-path = "/ca"
            cert-path = "/cert"
            key-path = "/key"
            cert-allowed-cn = ["tidb"]
            redact-info-log = true
            """);
    TikvConfig config = TikvConfig.load(file, Map.of("server.addr", "127.0.0.1:1"), MACHINE);

    assertThat(config.server().addr()).isEqualTo("127.0.0.1:1");
    assertThat(config.server().advertiseAddr()).isEqualTo("store-1:20160");
    assertThat(config.server().labels()).isEqualTo(Map.of("zone", "z1", "host", "h1"));
    assertThat(config.storage().api()).isEqualTo(APIVersion.V2);
    assertThat(config.engineDir()).isEqualTo(Path.of("/data/db"));
    assertThat(config.raftLogDir()).isEqualTo(Path.of("/log"));
    assertThat(config.rocks().blockCacheBytes()).isEqualTo(1L << 30);
    assertThat(config.rocks().maxBackgroundJobs()).isEqualTo(6);
    assertThat(config.rocks().defaultCf().titan().enabled()).isFalse();
    assertThat(config.rocks().defaultCf().compressionPerLevel().get(4)).isEqualTo("lz4");
    assertThat(config.raftEngine().raftLog().recycledSegments()).isZero();
    RaftstoreConfig store = config.raftstoreConfig();
    assertThat(store.election().baseTick()).isEqualTo(Duration.ofMillis(500));
    assertThat(store.snapshots().ioMaxBytesPerSecond()).isEqualTo(10L << 20);
    assertThat(store.pools().storeLoops()).isEqualTo(3);
    assertThat(store.split().checkDiffBytes()).isEqualTo(6L << 20);
    assertThat(store.log().gcSizeLimitBytes()).isEqualTo(72L << 20);
    assertThat(store.log().gcCountLimit()).isEqualTo(72L << 10);
    assertThat(config.storageSettings().locks().waitTimeout()).isEqualTo(Duration.ofSeconds(2));
    assertThat(config.security().redactInfoLog()).isEqualTo("true");
    assertThat(config.security().tls())
        .contains(new TlsFiles(Path.of("/ca"), Path.of("/cert"), Path.of("/key"), Set.of("tidb")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "server.addr = 'here' | t.toml: [server]: server.addr = \"here\": expected host:port, for"
            + " example \"127.0.0.1:20160\"",
        "server.grpc-concurency = 4 | t.toml:1: server.grpc-concurency = 4: unknown; did you mean"
            + " server.grpc-concurrency?",
        "storage.engine = 'partitioned-raft-kv' | t.toml:1: storage.engine ="
            + " \"partitioned-raft-kv\": expected one of raft-kv",
        "storage.api-version = 3 | t.toml:1: storage.api-version = 3: expected one of 1, 2",
        "security.encryption.data-encryption-method = 'aes256-ctr' | t.toml:1:"
            + " security.encryption.data-encryption-method = \"aes256-ctr\": expected one of"
            + " plaintext",
        "security.ca-path = '/ca' | t.toml: [security]: ca-path, cert-path and key-path are set"
            + " together or not at all",
        "raftstore.raft-heartbeat-ticks = 10 | t.toml: [raftstore]: raft-election-timeout-ticks ="
            + " 10 must be above raft-heartbeat-ticks = 10",
        "raftstore.hibernate-regions = 1 | t.toml:1: raftstore.hibernate-regions = 1: expected true"
            + " or false",
        "raftstore.region-compact-check-step = 'x' | t.toml:1: raftstore.region-compact-check-step"
            + " = \"x\": expected an integer",
        "log-level = 'info' | t.toml:1: log-level was removed: write log.level",
        "pd.endpoints = [] | t.toml: [pd]: endpoints is empty: a store needs a PD"
      })
  void refusesWhatCannotBe(String toml, String message) {
    assertThatThrownBy(() -> mapper.parse("t.toml", toml))
        .isInstanceOf(ConfigException.class)
        .satisfies(e ->
            assertThat(e.getMessage().replaceFirst("t\\.toml:1: \\[", "t.toml: ["))
                .isEqualTo(message));
  }

  @Test
  void acceptsWhatTikvKnowsAndRutileNeedsNot() {
    TikvConfig config =
        mapper.parse(
            "t.toml",
            """
            [server]
            grpc-raft-conn-num = 2
            [storage.flow-control]
            enable = true
            [backup.hadoop]
            home = "/opt"
            [security.encryption.master-key]
            type = "plaintext"
            [rocksdb.writecf]
            optimize-filters-for-hits = false
            """);
    assertThat(config).isEqualTo(TikvConfig.defaults());
  }

  @Test
  void everyItemIsDescribed() {
    assertThat(mapper.items()).extracting(ConfigItem::description).doesNotContain("");
    assertThat(mapper.items()).extracting(ConfigItem::key).doesNotHaveDuplicates();
  }

  @Test
  void theSampleFileIsReadAsTheDefaults() {
    assertThat(mapper.parse("sample", mapper.sample())).isEqualTo(TikvConfig.defaults());
    String active = mapper.sample().replaceAll("(?m)^(## Derived.*\n)# .*", "$1");
    active = active.replaceAll("(?m)^# ", "");
    assertThat(mapper.parse("sample", active)).isEqualTo(TikvConfig.defaults());
  }
}
