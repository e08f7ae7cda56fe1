package io.rutile.pd.etcd;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.rutile.base.clock.Clock;
import io.rutile.pd.meta.RaftProgress;
import io.rutile.proto.etcdserverpb.MaintenanceGrpc;
import io.rutile.proto.etcdserverpb.MoveLeaderRequest;
import io.rutile.proto.etcdserverpb.MoveLeaderResponse;
import io.rutile.proto.etcdserverpb.StatusRequest;
import io.rutile.proto.etcdserverpb.StatusResponse;
import java.util.concurrent.locks.LockSupport;

/** The part of {@code etcdserverpb.Maintenance} that says how a member is and moves the leader. */
public final class EtcdMaintenanceService extends MaintenanceGrpc.MaintenanceImplBase {
  /** The etcd whose behaviour the facade has; clients switch features by it. */
  static final String VERSION = "3.5.15";

  private static final long MOVE_NANOS_MAX = 5_000_000_000L;
  private static final long MOVE_POLL_NANOS = 5_000_000L;

  private final EtcdNode node;
  private final Clock clock;

  public EtcdMaintenanceService(EtcdNode node, Clock clock) {
    this.node = node;
    this.clock = clock;
  }

  @Override
  public void status(StatusRequest request, StreamObserver<StatusResponse> out) {
    EtcdNode.reply(
        out,
        () -> {
          RaftProgress progress = node.store().progress();
          long leader = node.store().leadership().leaderId();
          StatusResponse.Builder response =
              StatusResponse.newBuilder()
                  .setHeader(node.header())
                  .setVersion(VERSION)
                  .setDbSize(node.store().snapshotBytes())
                  .setDbSizeInUse(node.store().snapshotBytes())
                  .setLeader(leader)
                  .setRaftIndex(progress.commit())
                  .setRaftTerm(progress.term())
                  .setRaftAppliedIndex(progress.applied())
                  .setIsLearner(!node.store().isVoter(node.memberId()));
          if (leader == 0) {
            response.addErrors("etcdserver: no leader");
          }
          return response.build();
        });
  }

  @Override
  public void moveLeader(MoveLeaderRequest request, StreamObserver<MoveLeaderResponse> out) {
    EtcdNode.reply(
        out,
        () -> {
          if (node.store().leadership().leaderId() != node.memberId()) {
            throw EtcdNode.precondition("not leader");
          }
          if (!node.store().isVoter(request.getTargetID())) {
            throw EtcdNode.precondition("bad leader transferee");
          }
          move(request.getTargetID());
          return MoveLeaderResponse.newBuilder().setHeader(node.header()).build();
        });
  }

  private void move(long target) {
    long deadline = clock.monotonicNanos() + MOVE_NANOS_MAX;
    node.store().transferLeadership(target);
    while (node.store().leadership().leaderId() != target) {
      if (clock.monotonicNanos() - deadline >= 0) {
        throw Status.UNAVAILABLE
            .withDescription("etcdserver: request timed out, leader transfer took too long")
            .asRuntimeException();
      }
      LockSupport.parkNanos(MOVE_POLL_NANOS);
    }
  }
}
