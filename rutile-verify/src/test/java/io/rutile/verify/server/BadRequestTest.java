package io.rutile.verify.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.GetRequest;
import io.rutile.proto.kvrpcpb.Mutation;
import io.rutile.proto.kvrpcpb.Op;
import io.rutile.proto.kvrpcpb.PrewriteRequest;
import io.rutile.proto.kvrpcpb.RawGetRequest;
import io.rutile.proto.kvrpcpb.RawPutRequest;
import io.rutile.proto.kvrpcpb.RawPutResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Requests that are wrong get an answer that says so; the connection they came on and everybody
 * else's go on. The store has a memory quota of one mebibyte for requests.
 */
class BadRequestTest {
  private static final byte[] GARBAGE = {(byte) 0xFF, (byte) 0xFF, 0x07, 0x41};

  @TempDir static Path directory;

  private static OneNode node;
  private static OneNode.Client client;
  private static Context context;

  @BeforeAll
  static void start() {
    node = OneNode.start(directory, Map.of("server.grpc-memory-pool-quota", "1MB"));
    client = node.client();
    context = client.context(new byte[] {'k'});
  }

  @AfterAll
  static void stop() {
    client.close();
    node.close();
  }

  @AfterEach
  void theConnectionServesOn() {
    client.raw.put("k".getBytes(UTF_8), "v".getBytes(UTF_8), 0, false);
    assertThat(rawGet("k")).isEqualTo("v");
    assertThat(node.fatal).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"RawGet", "KvPrewrite", "Coprocessor", "SplitRegion"})
  void bytesThatAreNoMessageAreRefusedWithAStatus(String method) {
    MethodDescriptor<byte[], byte[]> raw = method("tikvpb.Tikv/" + method, MethodType.UNARY);
    assertThat(
            status(() ->
                ClientCalls.blockingUnaryCall(
                    channel(),
                    raw,
                    CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS),
                    GARBAGE)))
        .isEqualTo(Status.Code.UNKNOWN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"BatchCommands", "BatchRaft", "Raft", "Snapshot"})
  void aStreamWithSuchBytesEndsWithAStatusAndTheOthersGoOn(String method) throws Exception {
    MethodDescriptor<byte[], byte[]> raw =
        method("tikvpb.Tikv/" + method, MethodType.BIDI_STREAMING);
    CompletableFuture<Status.Code> ended = new CompletableFuture<>();
    StreamObserver<byte[]> requests =
        ClientCalls.asyncBidiStreamingCall(
            channel().newCall(raw, CallOptions.DEFAULT),
            new StreamObserver<>() {
              @Override
              public void onNext(byte[] response) {}

              @Override
              public void onError(Throwable t) {
                ended.complete(Status.fromThrowable(t).getCode());
              }

              @Override
              public void onCompleted() {
                ended.complete(Status.Code.OK);
              }
            });
    requests.onNext(GARBAGE);
    assertThat(ended.get(20, TimeUnit.SECONDS)).isEqualTo(Status.Code.UNKNOWN);
  }

  @Test
  void anUnknownMethodIsUnimplemented() {
    MethodDescriptor<byte[], byte[]> unknown = method("tikvpb.Tikv/KvTeleport", MethodType.UNARY);
    assertThat(
            status(() ->
                ClientCalls.blockingUnaryCall(channel(), unknown, CallOptions.DEFAULT, GARBAGE)))
        .isEqualTo(Status.Code.UNIMPLEMENTED);
  }

  @Test
  void aKeyThatIsTooLongIsRefusedByItsLength() {
    RawPutResponse tooLong = client.tikv().rawPut(put(new byte[8193], new byte[1]));
    assertThat(tooLong.getError()).contains("8193").contains("8192");
    PrewriteRequest prewrite =
        PrewriteRequest.newBuilder()
            .setContext(context)
            .addMutations(
                Mutation.newBuilder()
                    .setOp(Op.Put)
                    .setKey(ByteString.copyFrom(new byte[9000]))
                    .setValue(ByteString.copyFromUtf8("v")))
            .setPrimaryLock(ByteString.copyFrom(new byte[9000]))
            .setStartVersion(10)
            .setLockTtl(3000)
            .build();
    assertThat(client.tikv().kvPrewrite(prewrite).getErrorsList())
        .singleElement()
        .satisfies(error -> assertThat(error.getAbort()).contains("KeyTooLarge").contains("8192"));
  }

  @Test
  void aRequestForAnotherClusterStoreOrRegionGetsItsTypedError() {
    Context.Builder other = context.toBuilder().setClusterId(context.getClusterId() + 1);
    assertThat(status(() -> client.tikv().rawGet(get(other.build()))))
        .isEqualTo(Status.Code.INVALID_ARGUMENT);
    Context region = context.toBuilder().setRegionId(4711).build();
    assertThat(client.tikv().rawGet(get(region)).getRegionError().getRegionNotFound().getRegionId())
        .isEqualTo(4711);
    Context epoch =
        context.toBuilder()
            .setRegionEpoch(context.getRegionEpoch().toBuilder().setVersion(99))
            .build();
    assertThat(client.tikv().rawGet(get(epoch)).getRegionError().hasEpochNotMatch()).isTrue();
    Context store =
        context.toBuilder().setPeer(context.getPeer().toBuilder().setStoreId(99)).build();
    assertThat(client.tikv().rawGet(get(store)).getRegionError().hasStoreNotMatch()).isTrue();
    assertThat(
            client
                .tikv()
                .kvGet(GetRequest.newBuilder().setContext(region).setVersion(1).build())
                .getRegionError()
                .hasRegionNotFound())
        .isTrue();
  }

  @Test
  void requestsThatTakeMoreThanTheMemoryQuotaAreRefusedUntilThereIsRoom() {
    assertThat(status(() -> client.tikv().rawPut(put(new byte[] {'k'}, new byte[2 << 20]))))
        .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(client.tikv().rawPut(put(new byte[] {'b'}, new byte[900 << 10])).getError())
        .isEmpty();
  }

  private static ManagedChannel channel() {
    return client.channels.channel(node.store.address());
  }

  private static String rawGet(String key) {
    return client
        .tikv()
        .rawGet(get(context).toBuilder().setKey(ByteString.copyFromUtf8(key)).build())
        .getValue()
        .toStringUtf8();
  }

  private static RawGetRequest get(Context with) {
    return RawGetRequest.newBuilder().setContext(with).setKey(ByteString.copyFromUtf8("k")).build();
  }

  private static RawPutRequest put(byte[] key, byte[] value) {
    return RawPutRequest.newBuilder()
        .setContext(context)
        .setKey(ByteString.copyFrom(key))
        .setValue(ByteString.copyFrom(value))
        .build();
  }

  private static Status.Code status(Runnable call) {
    try {
      call.run();
      return Status.Code.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    }
  }

  /** A method whose messages are taken as they are. */
  private static MethodDescriptor<byte[], byte[]> method(String name, MethodType type) {
    MethodDescriptor.Marshaller<byte[]> bytes =
        new MethodDescriptor.Marshaller<>() {
          @Override
          public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
          }

          @Override
          public byte[] parse(InputStream stream) {
            try {
              return stream.readAllBytes();
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          }
        };
    return MethodDescriptor.newBuilder(bytes, bytes).setFullMethodName(name).setType(type).build();
  }
}
