package io.rutile.server.service;

import static java.util.concurrent.CompletableFuture.completedFuture;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.rutile.base.clock.Clock;
import io.rutile.base.clock.ThreadTimers;
import io.rutile.base.metric.MetricRegistry;
import io.rutile.proto.kvrpcpb.APIVersion;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.GCRequest;
import io.rutile.proto.kvrpcpb.GetHealthFeedbackRequest;
import io.rutile.proto.kvrpcpb.GetRequest;
import io.rutile.proto.kvrpcpb.GetResponse;
import io.rutile.proto.kvrpcpb.RawGetRequest;
import io.rutile.proto.kvrpcpb.RawGetResponse;
import io.rutile.proto.kvrpcpb.RawPutRequest;
import io.rutile.proto.kvrpcpb.RawPutResponse;
import io.rutile.proto.kvrpcpb.RawScanRequest;
import io.rutile.proto.tikvpb.BatchCommandsEmptyRequest;
import io.rutile.proto.tikvpb.BatchCommandsRequest;
import io.rutile.proto.tikvpb.BatchCommandsRequest.Request;
import io.rutile.proto.tikvpb.BatchCommandsResponse;
import io.rutile.proto.tikvpb.BatchCommandsResponse.Response;
import io.rutile.proto.tikvpb.TikvGrpc;
import io.rutile.txn.gate.RegionErrors;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BatchCommandsTest {
  private static final long CLUSTER = 7;

  private final FakeStorage fake = new FakeStorage();
  private final ExecutorService writers = Executors.newSingleThreadExecutor();
  private final ThreadTimers delays = new ThreadTimers("delays");
  private Server server;
  private ManagedChannel channel;
  private Stream stream;

  @BeforeEach
  void start() throws Exception {
    Clock clock = Clock.system();
    ServiceContext context =
        new ServiceContext(
            new ClusterGuard(CLUSTER),
            writers,
            clock,
            () -> 42,
            new HealthReporter(3, () -> 1),
            Duration.ofHours(1),
            delays,
            new RpcMetrics(new MetricRegistry(), clock));
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .directExecutor()
            .addService(
                new TikvService(
                    fake.storage(),
                    new SplitRpc(FakeStorage.store(), APIVersion.V1),
                    new RaftRpcs(FakeStorage.store(), Runnable::run),
                    context))
            .build()
            .start();
    channel =
        NettyChannelBuilder.forAddress(server.getListenSockets().getFirst())
            .usePlaintext()
            .directExecutor()
            .build();
    stream = new Stream(TikvGrpc.newStub(channel));
  }

  @AfterEach
  void stop() throws Exception {
    channel.shutdownNow();
    server.shutdownNow().awaitTermination();
    writers.shutdownNow();
    delays.close();
  }

  @Test
  void aSlowItemDelaysNobody() {
    CompletableFuture<RawPutResponse> slow = new CompletableFuture<>();
    fake.methods.put("put", request -> slow);
    fake.methods.put("get", BatchCommandsTest::echoRawGet);
    stream.send(Map.of(1L, rawPut("k"), 2L, rawGet("a"), 3L, rawGet("b")), List.of(1L, 2L, 3L));
    await().until(() -> stream.answers.keySet().containsAll(List.of(2L, 3L)));
    assertThat(stream.answers).doesNotContainKey(1L);
    slow.complete(RawPutResponse.getDefaultInstance());
    await().until(() -> stream.answers.containsKey(1L));
    assertThat(stream.answers.get(1L).hasRawPut()).isTrue();
    assertThat(stream.answers.get(2L).getRawGet().getValue().toStringUtf8()).isEqualTo("a");
  }

  @Test
  void thousandsInFlightAreEachAnsweredUnderTheirId() {
    List<Runnable> shuffled = new ArrayList<>();
    Random random = new Random(20261124);
    fake.methods.put(
        "get",
        request -> {
          CompletableFuture<Object> answer = new CompletableFuture<>();
          RawGetResponse response =
              RawGetResponse.newBuilder().setValue(((RawGetRequest) request).getKey()).build();
          synchronized (shuffled) {
            shuffled.add(random.nextInt(shuffled.size() + 1), () -> answer.complete(response));
          }
          return answer;
        });
    int frames = 50;
    int perFrame = 100;
    for (int f = 0; f < frames; f++) {
      Map<Long, Request> items = new ConcurrentHashMap<>();
      long base = (long) f * perFrame;
      LongStream.range(base, base + perFrame).forEach(id -> items.put(id, rawGet("key" + id)));
      stream.send(items, List.copyOf(items.keySet()));
    }
    await()
        .until(() -> {
          synchronized (shuffled) {
            return shuffled.size() == frames * perFrame;
          }
        });
    shuffled.forEach(Runnable::run);
    await().until(() -> stream.answers.size() == frames * perFrame);
    stream.answers.forEach((id, response) ->
        assertThat(response.getRawGet().getValue().toStringUtf8()).isEqualTo("key" + id));
    assertThat(stream.largestFrame).isLessThanOrEqualTo(BatchWriter.FRAME_ITEMS_MAX);
    assertThat(stream.duplicates).isZero();
  }

  @Test
  void pointGetsOfAFrameAreHandedOverTogetherRawAndTransactionalApart() {
    fake.methods.put(
        "get",
        request ->
            request instanceof RawGetRequest
                ? echoRawGet(request)
                : completedFuture(GetResponse.newBuilder().setNotFound(true).build()));
    stream.send(
        Map.of(1L, rawGet("a"), 2L, get("x"), 3L, rawGet("b"), 4L, rawGet("c")),
        List.of(1L, 2L, 3L, 4L));
    await().until(() -> stream.answers.size() == 4);
    assertThat(fake.getBatches).containsExactlyInAnyOrder(3, 1);
    assertThat(stream.answers.get(2L).getGet().getNotFound()).isTrue();
  }

  @Test
  void anItemWithoutACommandGetsAnEmptyAnswer() {
    stream.send(Map.of(9L, Request.getDefaultInstance()), List.of(9L));
    await().until(() -> stream.answers.containsKey(9L));
    assertThat(stream.answers.get(9L)).isEqualTo(Response.getDefaultInstance());
  }

  @Test
  void anEmptyCommandIsAnsweredAfterItsDelay() {
    long begin = System.nanoTime();
    Request item =
        Request.newBuilder()
            .setEmpty(BatchCommandsEmptyRequest.newBuilder().setTestId(5).setDelayTime(100))
            .build();
    stream.send(Map.of(1L, item), List.of(1L));
    await().until(() -> stream.answers.containsKey(1L));
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(99));
    assertThat(stream.answers.get(1L).getEmpty().getTestId()).isEqualTo(5);
  }

  @Test
  void anotherClustersRequestEndsTheStream() {
    Context context = Context.newBuilder().setClusterId(CLUSTER + 1).build();
    RawGetRequest request = RawGetRequest.newBuilder().setContext(context).build();
    stream.send(Map.of(1L, Request.newBuilder().setRawGet(request).build()), List.of(1L));
    await().until(() -> stream.failure != null);
    assertThat(Status.fromThrowable(stream.failure).getCode())
        .isEqualTo(Status.Code.INVALID_ARGUMENT);
  }

  @Test
  void failuresOfSingleItemsAreRegionErrorsAndTheStreamGoesOn() {
    fake.methods.put(
        "put", request -> CompletableFuture.failedFuture(RegionErrors.regionNotFound(5)));
    fake.methods.put("delete", request -> CompletableFuture.failedFuture(new AssertionError("?")));
    fake.methods.put(
        "scan",
        request -> {
          throw new IllegalStateException("broken");
        });
    stream.send(
        Map.of(
            1L,
            rawPut("k"),
            2L,
            Request.newBuilder()
                .setRawDelete(io.rutile.proto.kvrpcpb.RawDeleteRequest.getDefaultInstance())
                .build(),
            3L,
            Request.newBuilder().setRawScan(RawScanRequest.getDefaultInstance()).build(),
            4L,
            Request.newBuilder().setGC(GCRequest.getDefaultInstance()).build()),
        List.of(1L, 2L, 3L, 4L));
    await().until(() -> stream.answers.size() == 4);
    assertThat(
            stream.answers.get(1L).getRawPut().getRegionError().getRegionNotFound().getRegionId())
        .isEqualTo(5);
    assertThat(stream.answers.get(2L).getRawDelete().getRegionError().hasUndeterminedResult())
        .as("a write that failed nobody knows how may have taken effect")
        .isTrue();
    assertThat(stream.answers.get(3L).getRawScan().getRegionError().getMessage())
        .contains("broken");
    assertThat(stream.answers.get(4L).getGC().getError().getAbort()).contains("not supported");
    stream.send(Map.of(5L, Request.getDefaultInstance()), List.of(5L));
    await().until(() -> stream.answers.containsKey(5L));
  }

  @Test
  void healthFeedbackComesAtFirstAndWhenAskedForWithRisingNumbers() {
    Request ask =
        Request.newBuilder()
            .setGetHealthFeedback(GetHealthFeedbackRequest.getDefaultInstance())
            .build();
    for (long id = 1; id <= 3; id++) {
      long next = id;
      stream.send(Map.of(id, ask), List.of(id));
      await().until(() -> stream.answers.containsKey(next));
    }
    stream.send(Map.of(4L, Request.getDefaultInstance()), List.of(4L));
    await().until(() -> stream.answers.containsKey(4L));
    assertThat(stream.feedbacks).hasSize(3).isSorted();
    assertThat(stream.answers.get(3L).getGetHealthFeedback().getHealthFeedback().getStoreId())
        .isEqualTo(3);
    assertThat(stream.transportLoad).isEqualTo(42);
  }

  @Test
  void aHalfClosedStreamEndsWhenEverythingIsAnswered() {
    CompletableFuture<RawPutResponse> slow = new CompletableFuture<>();
    CompletableFuture<Void> arrived = new CompletableFuture<>();
    fake.methods.put(
        "put",
        request -> {
          arrived.complete(null);
          return slow;
        });
    stream.send(Map.of(1L, rawPut("k")), List.of(1L));
    stream.requests.onCompleted();
    arrived.join();
    assertThat(stream.completed).isFalse();
    slow.complete(RawPutResponse.getDefaultInstance());
    await().until(() -> stream.completed);
    assertThat(stream.answers).containsOnlyKeys(1L);
  }

  @Test
  void unaryCallsAreCheckedAndServedByTheSameCommands() {
    fake.methods.put("get", BatchCommandsTest::echoRawGet);
    fake.methods.put(
        "put", request -> CompletableFuture.failedFuture(RegionErrors.regionNotFound(5)));
    TikvGrpc.TikvBlockingStub stub = TikvGrpc.newBlockingStub(channel);
    assertThat(stub.rawGet(rawGet("a").getRawGet()).getValue().toStringUtf8()).isEqualTo("a");
    assertThat(stub.rawPut(rawPut("a").getRawPut()).getRegionError().hasRegionNotFound()).isTrue();
    Context other = Context.newBuilder().setClusterId(CLUSTER + 1).build();
    assertThat(
            org.junit.jupiter.api.Assertions.assertThrows(
                    StatusRuntimeException.class,
                    () -> stub.rawGet(RawGetRequest.newBuilder().setContext(other).build()))
                .getStatus()
                .getCode())
        .isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(
            org.junit.jupiter.api.Assertions.assertThrows(
                    StatusRuntimeException.class, () -> stub.kvGC(GCRequest.getDefaultInstance()))
                .getStatus()
                .getCode())
        .isEqualTo(Status.Code.UNIMPLEMENTED);
  }

  private static CompletableFuture<RawGetResponse> echoRawGet(com.google.protobuf.Message request) {
    return completedFuture(
        RawGetResponse.newBuilder().setValue(((RawGetRequest) request).getKey()).build());
  }

  private static Request rawGet(String key) {
    return Request.newBuilder()
        .setRawGet(RawGetRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)))
        .build();
  }

  private static Request get(String key) {
    return Request.newBuilder()
        .setGet(GetRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)))
        .build();
  }

  private static Request rawPut(String key) {
    return Request.newBuilder()
        .setRawPut(RawPutRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)))
        .build();
  }

  /** The client's end of one stream. */
  private static final class Stream implements StreamObserver<BatchCommandsResponse> {
    final Map<Long, Response> answers = new ConcurrentHashMap<>();
    final List<Long> feedbacks = new ArrayList<>();
    final StreamObserver<BatchCommandsRequest> requests;
    volatile @Nullable Throwable failure;
    volatile boolean completed;
    volatile int largestFrame;
    volatile int duplicates;
    volatile long transportLoad;

    Stream(TikvGrpc.TikvStub stub) {
      this.requests = stub.batchCommands(this);
    }

    void send(Map<Long, Request> items, List<Long> order) {
      BatchCommandsRequest.Builder frame = BatchCommandsRequest.newBuilder();
      for (long id : order) {
        frame.addRequests(items.get(id)).addRequestIds(id);
      }
      requests.onNext(frame.build());
    }

    @Override
    public void onNext(BatchCommandsResponse frame) {
      largestFrame = Math.max(largestFrame, frame.getResponsesCount());
      transportLoad = frame.getTransportLayerLoad();
      if (frame.hasHealthFeedback()) {
        feedbacks.add(frame.getHealthFeedback().getFeedbackSeqNo());
      }
      for (int i = 0; i < frame.getResponsesCount(); i++) {
        if (answers.put(frame.getRequestIds(i), frame.getResponses(i)) != null) {
          duplicates++;
        }
      }
    }

    @Override
    public void onError(Throwable error) {
      failure = error;
    }

    @Override
    public void onCompleted() {
      completed = true;
    }
  }
}
