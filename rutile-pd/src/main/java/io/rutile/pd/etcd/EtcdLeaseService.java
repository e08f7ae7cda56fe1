package io.rutile.pd.etcd;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.rutile.pd.meta.LeaseView;
import io.rutile.pd.meta.MetaKv;
import io.rutile.pd.service.EachCall;
import io.rutile.proto.etcdserverpb.LeaseGrantRequest;
import io.rutile.proto.etcdserverpb.LeaseGrantResponse;
import io.rutile.proto.etcdserverpb.LeaseGrpc;
import io.rutile.proto.etcdserverpb.LeaseKeepAliveRequest;
import io.rutile.proto.etcdserverpb.LeaseKeepAliveResponse;
import io.rutile.proto.etcdserverpb.LeaseLeasesRequest;
import io.rutile.proto.etcdserverpb.LeaseLeasesResponse;
import io.rutile.proto.etcdserverpb.LeaseRevokeRequest;
import io.rutile.proto.etcdserverpb.LeaseRevokeResponse;
import io.rutile.proto.etcdserverpb.LeaseStatus;
import io.rutile.proto.etcdserverpb.LeaseTimeToLiveRequest;
import io.rutile.proto.etcdserverpb.LeaseTimeToLiveResponse;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The service {@code etcdserverpb.Lease}. Only the leader knows how long a lease still lives, so
 * all but the list of leases is handed on to it.
 */
public final class EtcdLeaseService extends LeaseGrpc.LeaseImplBase {
  /** A lease lives longer than an election takes, or a change of leader would end it. */
  private static final long TTL_SECONDS_MIN = 5;

  private static final long TTL_SECONDS_MAX = 9_000_000_000L;

  private final EtcdNode node;
  private final AtomicLong nextId;

  /**
   * @param firstId where ids begin that the client leaves to the server: a random number
   */
  public EtcdLeaseService(EtcdNode node, long firstId) {
    this.node = node;
    this.nextId = new AtomicLong(firstId);
  }

  @Override
  public void leaseGrant(LeaseGrantRequest request, StreamObserver<LeaseGrantResponse> out) {
    EtcdNode.reply(
        out,
        () -> {
          if (request.getTTL() > TTL_SECONDS_MAX) {
            throw Status.OUT_OF_RANGE
                .withDescription("etcdserver: too large lease TTL")
                .asRuntimeException();
          }
          LeaseGrantRequest complete =
              request.toBuilder()
                  .setID(request.getID() == 0 ? freshId() : request.getID())
                  .setTTL(Math.max(request.getTTL(), TTL_SECONDS_MIN))
                  .build();
          LeaseGrantResponse granted = MetaKv.await(node.store().grantLease(complete));
          return granted.toBuilder().setHeader(node.header(granted.getHeader())).build();
        });
  }

  /** Positive, as clients expect. */
  private long freshId() {
    return Math.max(1, nextId.getAndIncrement() & Long.MAX_VALUE);
  }

  @Override
  public void leaseRevoke(LeaseRevokeRequest request, StreamObserver<LeaseRevokeResponse> out) {
    EtcdNode.reply(
        out,
        () -> {
          MetaKv.await(node.store().revokeLease(request.getID()));
          return LeaseRevokeResponse.newBuilder().setHeader(node.header()).build();
        });
  }

  @Override
  public StreamObserver<LeaseKeepAliveRequest> leaseKeepAlive(
      StreamObserver<LeaseKeepAliveResponse> out) {
    return new EachCall<>(
        out,
        request -> {
          long ttl = MetaKv.await(node.store().keepLeaseAlive(request.getID()));
          return LeaseKeepAliveResponse.newBuilder()
              .setHeader(node.header())
              .setID(request.getID())
              .setTTL(ttl)
              .build();
        },
        EtcdNode::status);
  }

  @Override
  public void leaseTimeToLive(
      LeaseTimeToLiveRequest request, StreamObserver<LeaseTimeToLiveResponse> out) {
    EtcdNode.reply(
        out,
        () -> {
          node.barrier();
          LeaseView leases = node.store().leases();
          LeaseTimeToLiveResponse.Builder response =
              LeaseTimeToLiveResponse.newBuilder()
                  .setHeader(node.header())
                  .setID(request.getID())
                  .setTTL(leases.remainingSeconds(request.getID()))
                  .setGrantedTTL(leases.grantedTtlSeconds(request.getID()));
          if (request.getKeys()) {
            response.addAllKeys(leases.keys(request.getID()));
          }
          return response.build();
        });
  }

  @Override
  public void leaseLeases(LeaseLeasesRequest request, StreamObserver<LeaseLeasesResponse> out) {
    EtcdNode.reply(
        out,
        () -> {
          node.barrier();
          LeaseLeasesResponse.Builder response =
              LeaseLeasesResponse.newBuilder().setHeader(node.header());
          for (long id : node.store().leases().ids()) {
            response.addLeases(LeaseStatus.newBuilder().setID(id));
          }
          return response.build();
        });
  }
}
