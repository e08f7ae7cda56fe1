package io.rutile.bench.raft;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import io.rutile.base.clock.Clock;
import io.rutile.base.error.RutileException;
import io.rutile.base.metric.MetricRegistry;
import io.rutile.engine.raftlog.RaftLogConfig;
import io.rutile.engine.raftlog.SegmentRaftLog;
import io.rutile.engine.rocks.RocksConfig;
import io.rutile.engine.rocks.RocksKvEngine;
import io.rutile.proto.kvrpcpb.APIVersion;
import io.rutile.proto.raftserverpb.Done;
import io.rutile.proto.raftserverpb.SnapshotChunk;
import io.rutile.proto.tikvpb.BatchRaftMessage;
import io.rutile.proto.tikvpb.TikvGrpc;
import io.rutile.rpc.channel.ChannelPool;
import io.rutile.rpc.netty.EventLoops;
import io.rutile.rpc.server.OnePortServer;
import io.rutile.store.RaftstoreConfig;
import io.rutile.store.Store;
import io.rutile.store.StoreOptions;
import io.rutile.store.observe.TxnHooks;
import io.rutile.store.snapshot.SnapshotSink;
import io.rutile.store.testing.SimDisk;
import io.rutile.store.testing.SimPd;
import io.rutile.store.transport.GrpcRaftTransport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** One store on its own port and disk. Opened and closed by one thread. */
final class BenchStore implements AutoCloseable {
  private final OnePortServer server;
  private final RocksKvEngine engine;
  private final SegmentRaftLog log;
  private final Store store;

  BenchStore(
      Path directory, SimPd pd, ChannelPool channels, EventLoops loops, RaftstoreConfig config)
      throws IOException {
    Files.createDirectories(directory);
    AtomicReference<Store> opened = new AtomicReference<>();
    server =
        OnePortServer.builder()
            .address("127.0.0.1", 0)
            .eventLoops(loops)
            .service(new Inbox(opened))
            .onEventLoop()
            .start();
    engine = RocksKvEngine.open(directory.resolve("db"), RocksConfig.small());
    log = SegmentRaftLog.open(directory.resolve("raft"), RaftLogConfig.defaults());
    store =
        Store.open(
            new StoreOptions(
                config,
                engine,
                log,
                pd.gateway(),
                new GrpcRaftTransport(
                    channels,
                    pd.gateway(),
                    0,
                    id -> {
                      Store self = opened.get();
                      if (self != null) {
                        self.onStoreUnreachable(id);
                      }
                    }),
                Clock.system(),
                io.rutile.proto.metapb.Store.newBuilder()
                    .setAddress("127.0.0.1:" + server.port())
                    .build(),
                APIVersion.V1,
                directory.resolve("snap"),
                server.port(),
                new SimDisk(),
                TxnHooks.NONE,
                List.of(),
                new MetricRegistry()));
    opened.set(store);
  }

  Store store() {
    return store;
  }

  @Override
  public void close() {
    store.close();
    server.close();
    log.close();
    engine.close();
  }

  /** What other stores send. Runs on event loops; snapshots here are empty or small. */
  private static final class Inbox extends TikvGrpc.TikvImplBase {
    private final AtomicReference<Store> store;

    Inbox(AtomicReference<Store> store) {
      this.store = store;
    }

    @Override
    public StreamObserver<BatchRaftMessage> batchRaft(StreamObserver<Done> call) {
      return new StreamObserver<>() {
        @Override
        public void onNext(BatchRaftMessage batch) {
          Store receiver = store.get();
          if (receiver != null) {
            batch.getMsgsList().forEach(receiver::onRaftMessage);
          }
        }

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onCompleted() {
          call.onNext(Done.getDefaultInstance());
          call.onCompleted();
        }
      };
    }

    @Override
    public StreamObserver<SnapshotChunk> snapshot(StreamObserver<Done> call) {
      return new StreamObserver<>() {
        private @Nullable SnapshotSink sink;

        @Override
        public void onNext(SnapshotChunk chunk) {
          Store receiver = store.get();
          if (receiver != null && chunk.hasMessage()) {
            sink = receiver.receiveSnapshot(chunk.getMessage());
          }
          ByteString data = chunk.getData();
          if (sink != null && !data.isEmpty()) {
            sink.write(data.toByteArray());
          }
        }

        @Override
        public void onError(Throwable failure) {
          if (sink != null) {
            sink.abort();
          }
        }

        @Override
        public void onCompleted() {
          try {
            if (sink != null) {
              sink.complete();
            }
            call.onNext(Done.getDefaultInstance());
            call.onCompleted();
          } catch (RutileException refused) {
            call.onError(refused);
          }
        }
      };
    }
  }
}
