package io.rutile.server.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.rutile.proto.kvrpcpb.RawGetRequest;
import io.rutile.proto.kvrpcpb.RawGetResponse;
import io.rutile.proto.tikvpb.BatchCommandsRequest;
import io.rutile.proto.tikvpb.BatchCommandsResponse;
import io.rutile.proto.tikvpb.TikvGrpc;
import io.rutile.rpc.channel.ChannelOptions;
import io.rutile.rpc.channel.ChannelPool;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ForwardingInterceptorTest {
  private final ChannelPool channels = new ChannelPool(ChannelOptions.DEFAULT);
  private Server near;
  private Server far;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws Exception {
    far = server(new Named("far"), null);
    near = server(new Named("near"), channels);
    channel = NettyChannelBuilder.forTarget(address(near)).usePlaintext().build();
  }

  @AfterEach
  void stop() throws Exception {
    channel.shutdownNow();
    channels.close();
    near.shutdownNow().awaitTermination();
    far.shutdownNow().awaitTermination();
  }

  @Test
  void aCallWithoutTargetIsServedHere() {
    assertThat(
            TikvGrpc.newBlockingStub(channel).rawGet(RawGetRequest.getDefaultInstance()).getError())
        .isEqualTo("near");
  }

  @Test
  void aCallForAnotherStoreIsAnsweredByThatStore() {
    assertThat(to(address(far)).rawGet(RawGetRequest.getDefaultInstance()).getError())
        .isEqualTo("far");
  }

  @Test
  void anUnreachableTargetIsUnavailable() {
    String target = address(far);
    far.shutdownNow();
    StatusRuntimeException failure =
        Assertions.assertThrows(
            StatusRuntimeException.class,
            () -> to(target).rawGet(RawGetRequest.getDefaultInstance()));
    assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
  }

  @Test
  void aStreamIsProxiedInBothDirectionsUntilItsEnd() {
    List<Long> ids = new CopyOnWriteArrayList<>();
    List<String> ends = new CopyOnWriteArrayList<>();
    StreamObserver<BatchCommandsRequest> requests =
        TikvGrpc.newStub(channel)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(header(address(far))))
            .batchCommands(
                new StreamObserver<>() {
                  @Override
                  public void onNext(BatchCommandsResponse response) {
                    ids.add(response.getRequestIds(0));
                  }

                  @Override
                  public void onError(Throwable failure) {
                    ends.add(failure.toString());
                  }

                  @Override
                  public void onCompleted() {
                    ends.add("completed");
                  }
                });
    for (long id = 0; id < 1000; id++) {
      requests.onNext(BatchCommandsRequest.newBuilder().addRequestIds(id).build());
    }
    requests.onCompleted();
    await().until(() -> !ends.isEmpty());
    assertThat(ends).containsExactly("completed");
    assertThat(ids).hasSize(1000).isSorted();
  }

  private TikvGrpc.TikvBlockingStub to(String target) {
    return TikvGrpc.newBlockingStub(channel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(header(target)));
  }

  private static Metadata header(String target) {
    Metadata header = new Metadata();
    header.put(ForwardingInterceptor.FORWARDED_HOST, target);
    return header;
  }

  private static Server server(TikvGrpc.TikvImplBase service, ChannelPool channels)
      throws Exception {
    return NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        .directExecutor()
        .addService(
            channels == null
                ? service.bindService()
                : ServerInterceptors.intercept(
                    service, new ForwardingInterceptor("near:1", channels, 2)))
        .build()
        .start();
  }

  private static String address(Server server) {
    return "127.0.0.1:" + server.getPort();
  }

  /** Says who answered. */
  private static final class Named extends TikvGrpc.TikvImplBase {
    private final String name;

    Named(String name) {
      this.name = name;
    }

    @Override
    public void rawGet(RawGetRequest request, StreamObserver<RawGetResponse> call) {
      call.onNext(RawGetResponse.newBuilder().setError(name).build());
      call.onCompleted();
    }

    @Override
    public StreamObserver<BatchCommandsRequest> batchCommands(
        StreamObserver<BatchCommandsResponse> call) {
      return new StreamObserver<>() {
        @Override
        public void onNext(BatchCommandsRequest request) {
          call.onNext(
              BatchCommandsResponse.newBuilder().addRequestIds(request.getRequestIds(0)).build());
        }

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onCompleted() {
          call.onCompleted();
        }
      };
    }
  }
}
