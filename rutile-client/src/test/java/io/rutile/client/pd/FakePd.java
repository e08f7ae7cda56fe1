package io.rutile.client.pd;

import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.rutile.proto.pdpb.AllocIDRequest;
import io.rutile.proto.pdpb.AllocIDResponse;
import io.rutile.proto.pdpb.BootstrapRequest;
import io.rutile.proto.pdpb.BootstrapResponse;
import io.rutile.proto.pdpb.Error;
import io.rutile.proto.pdpb.ErrorType;
import io.rutile.proto.pdpb.GetMembersRequest;
import io.rutile.proto.pdpb.GetMembersResponse;
import io.rutile.proto.pdpb.Member;
import io.rutile.proto.pdpb.PDGrpc;
import io.rutile.proto.pdpb.RegionHeartbeatRequest;
import io.rutile.proto.pdpb.RegionHeartbeatResponse;
import io.rutile.proto.pdpb.ResponseHeader;
import io.rutile.proto.pdpb.Timestamp;
import io.rutile.proto.pdpb.TsoRequest;
import io.rutile.proto.pdpb.TsoResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Members of a PD over real sockets that share their state, one of which leads. */
final class FakePd implements AutoCloseable {
  static final long CLUSTER = 77;

  final AtomicLong timestamp = new AtomicLong(1000L << 18);
  final AtomicLong ids = new AtomicLong();
  final AtomicInteger tsoRequests = new AtomicInteger();
  final AtomicInteger discoveries = new AtomicInteger();
  final List<RegionHeartbeatRequest> heartbeats = new CopyOnWriteArrayList<>();
  private final List<Server> servers = new ArrayList<>();
  private final List<StreamObserver<TsoResponse>> tsoStreams = new CopyOnWriteArrayList<>();
  private volatile int leader;
  private volatile boolean leaderKnown = true;
  private volatile boolean silent;

  FakePd(int members) throws IOException {
    for (int i = 0; i < members; i++) {
      servers.add(
          NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
              .addService(new Service(i))
              .build()
              .start());
    }
  }

  List<String> endpoints() {
    return servers.stream().map(server -> "127.0.0.1:" + server.getPort()).toList();
  }

  /** Moves leadership and breaks the streams to the old leader. */
  void lead(int member) {
    leader = member;
    for (StreamObserver<TsoResponse> stream : tsoStreams) {
      stream.onError(Status.UNAVAILABLE.withDescription("not leader").asRuntimeException());
    }
    tsoStreams.clear();
  }

  /** The leader takes requests for timestamps and does not answer, as a stopped process. */
  void hushLeader() {
    silent = true;
  }

  /** Moves leadership; the old leader, which is silent, does not notice. */
  void electAnother(int member) {
    leader = member;
    silent = false;
  }

  void forgetLeader(boolean forget) {
    leaderKnown = !forget;
  }

  @Override
  public void close() {
    servers.forEach(Server::shutdownNow);
  }

  private static ResponseHeader header() {
    return ResponseHeader.newBuilder().setClusterId(CLUSTER).build();
  }

  private final class Service extends PDGrpc.PDImplBase {
    private final int self;

    Service(int self) {
      this.self = self;
    }

    @Override
    public void getMembers(
        GetMembersRequest request, StreamObserver<GetMembersResponse> responses) {
      discoveries.incrementAndGet();
      GetMembersResponse.Builder response = GetMembersResponse.newBuilder().setHeader(header());
      for (String endpoint : endpoints()) {
        response.addMembers(Member.newBuilder().addClientUrls("http://" + endpoint));
      }
      if (leaderKnown) {
        response.setLeader(response.getMembers(leader));
      }
      responses.onNext(response.build());
      responses.onCompleted();
    }

    @Override
    public StreamObserver<TsoRequest> tso(StreamObserver<TsoResponse> responses) {
      if (self != leader) {
        responses.onError(Status.UNAVAILABLE.withDescription("not leader").asRuntimeException());
        return new Ignore<>();
      }
      tsoStreams.add(responses);
      return new Ignore<>() {
        @Override
        public void onNext(TsoRequest request) {
          tsoRequests.incrementAndGet();
          if (silent) {
            return;
          }
          long last = timestamp.addAndGet(request.getCount());
          responses.onNext(
              TsoResponse.newBuilder()
                  .setHeader(header())
                  .setCount(request.getCount())
                  .setTimestamp(
                      Timestamp.newBuilder()
                          .setPhysical(last >> 18)
                          .setLogical(last & ((1 << 18) - 1)))
                  .build());
        }
      };
    }

    @Override
    public void allocID(AllocIDRequest request, StreamObserver<AllocIDResponse> responses) {
      if (self != leader) {
        responses.onError(Status.UNAVAILABLE.withDescription("not leader").asRuntimeException());
        return;
      }
      responses.onNext(
          AllocIDResponse.newBuilder()
              .setHeader(header())
              .setId(ids.addAndGet(request.getCount()))
              .build());
      responses.onCompleted();
    }

    @Override
    public void bootstrap(BootstrapRequest request, StreamObserver<BootstrapResponse> responses) {
      responses.onNext(
          BootstrapResponse.newBuilder()
              .setHeader(
                  header().toBuilder()
                      .setError(
                          Error.newBuilder()
                              .setType(ErrorType.ALREADY_BOOTSTRAPPED)
                              .setMessage("cluster is already bootstrapped")))
              .build());
      responses.onCompleted();
    }

    @Override
    public StreamObserver<RegionHeartbeatRequest> regionHeartbeat(
        StreamObserver<RegionHeartbeatResponse> responses) {
      return new Ignore<>() {
        @Override
        public void onNext(RegionHeartbeatRequest request) {
          heartbeats.add(request);
          responses.onNext(
              RegionHeartbeatResponse.newBuilder()
                  .setHeader(header())
                  .setRegionId(request.getRegion().getId())
                  .build());
        }
      };
    }
  }

  private static class Ignore<T> implements StreamObserver<T> {
    @Override
    public void onNext(T message) {}

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {}
  }
}
