package io.rutile.pd.meta;

import io.rutile.proto.eraftpb.Message;
import io.rutile.proto.etcdserverpb.CompactionRequest;
import io.rutile.proto.etcdserverpb.LeaseGrantRequest;
import io.rutile.proto.etcdserverpb.LeaseGrantResponse;
import io.rutile.proto.etcdserverpb.LeaseRevokeRequest;
import io.rutile.proto.etcdserverpb.RangeRequest;
import io.rutile.proto.etcdserverpb.RangeResponse;
import io.rutile.proto.etcdserverpb.TxnRequest;
import io.rutile.proto.etcdserverpb.TxnResponse;
import io.rutile.proto.pdmetapb.MemberRecord;
import io.rutile.proto.pdmetapb.MetaCommand;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * {@link MetaStore} on one Raft group: writes go through the log, reads come from the state machine
 * here. This class is the door; {@link MetaLoop} behind it owns everything.
 */
public final class RaftMetaStore implements MetaStore {
  private final MetaLoop loop;

  /**
   * Opens the store of one member and starts its thread.
   *
   * @param founding what the member begins with, used only when nothing is on disk
   */
  public RaftMetaStore(MetaStoreOptions options, Founding founding) {
    this(new MetaLoop(options, founding));
    loop.start();
  }

  /** The door to a loop that somebody else drives. */
  RaftMetaStore(MetaLoop loop) {
    this.loop = loop;
  }

  /** A message from another member. Any thread. */
  public void step(Message message) {
    loop.offer(new MetaTask.Step(message));
  }

  /** The last message to a member may be lost. Any thread. */
  public void reportUnreachable(long memberId) {
    loop.offer(new MetaTask.Unreachable(memberId));
  }

  /** A snapshot reached a member, or did not. Any thread. */
  public void reportSnapshot(long memberId, boolean delivered) {
    loop.offer(new MetaTask.SnapshotSent(memberId, delivered));
  }

  /** Whether this member still leads in {@code term} for certain. Cheap; any thread. */
  public boolean isLeaseValid(long term) {
    return loop.isLeaseValid(term);
  }

  /** Raft's applied index and term as of now, for reports. */
  public RaftProgress progress() {
    return loop.progress();
  }

  private <T> CompletionStage<T> propose(MetaCommand.Builder command, Class<T> answer) {
    return propose(command, 0, answer);
  }

  private <T> CompletionStage<T> propose(MetaCommand.Builder command, long term, Class<T> answer) {
    CompletableFuture<Object> done = new CompletableFuture<>();
    loop.offer(new MetaTask.Propose(command, term, done));
    return done.thenApply(answer::cast);
  }

  private CompletionStage<Void> proposeOnly(MetaCommand.Builder command) {
    CompletableFuture<Object> done = new CompletableFuture<>();
    loop.offer(new MetaTask.Propose(command, 0, done));
    return done.thenAccept(ignored -> {});
  }

  @Override
  public CompletionStage<TxnResponse> txn(TxnRequest request) {
    return propose(MetaCommand.newBuilder().setTxn(request), TxnResponse.class);
  }

  @Override
  public CompletionStage<TxnResponse> txn(TxnRequest request, long term) {
    return propose(MetaCommand.newBuilder().setTxn(request), term, TxnResponse.class);
  }

  @Override
  public RangeResponse range(RangeRequest request) {
    return loop.machine().state().range(request);
  }

  @Override
  public CompletionStage<Void> readBarrier() {
    CompletableFuture<Void> done = new CompletableFuture<>();
    loop.offer(new MetaTask.Barrier(done));
    return done;
  }

  @Override
  public CompletionStage<LeaseGrantResponse> grantLease(LeaseGrantRequest request) {
    return propose(MetaCommand.newBuilder().setLeaseGrant(request), LeaseGrantResponse.class);
  }

  @Override
  public CompletionStage<Void> revokeLease(long leaseId) {
    return proposeOnly(
        MetaCommand.newBuilder().setLeaseRevoke(LeaseRevokeRequest.newBuilder().setID(leaseId)));
  }

  @Override
  public CompletionStage<Long> keepLeaseAlive(long leaseId) {
    CompletableFuture<Long> done = new CompletableFuture<>();
    loop.offer(new MetaTask.KeepAlive(leaseId, done));
    return done;
  }

  @Override
  public LeaseView leases() {
    return loop.machine().state().leases();
  }

  @Override
  public CompletionStage<Void> compact(CompactionRequest request) {
    return proposeOnly(MetaCommand.newBuilder().setCompaction(request));
  }

  @Override
  public long revision() {
    return loop.machine().state().revision();
  }

  @Override
  public CompletionStage<Long> deliveredRevision() {
    CompletableFuture<Long> done = new CompletableFuture<>();
    loop.offer(new MetaTask.Delivered(done));
    return done;
  }

  /** Size of the newest snapshot on disk. */
  public long snapshotBytes() {
    return loop.snapshotBytes();
  }

  @Override
  public long compactRevision() {
    return loop.machine().state().compactRevision();
  }

  @Override
  public WatchHandle watch(WatchSpec spec, WatchListener listener) {
    loop.offer(new MetaTask.AddWatch(spec, listener));
    return () -> loop.offer(new MetaTask.RemoveWatch(listener));
  }

  @Override
  public Leadership leadership() {
    return loop.leadership();
  }

  @Override
  public void onLeadershipChange(LeadershipListener listener) {
    loop.offer(new MetaTask.AddLeadershipListener(listener));
  }

  @Override
  public List<MemberRecord> members() {
    return loop.machine().members();
  }

  @Override
  public boolean isVoter(long memberId) {
    return loop.voters().contains(memberId);
  }

  @Override
  public CompletionStage<Void> updateMember(MemberRecord record) {
    return proposeOnly(MetaCommand.newBuilder().setMember(record));
  }

  @Override
  public CompletionStage<Void> addMember(MemberRecord record) {
    return changeMember(record);
  }

  @Override
  public CompletionStage<Void> removeMember(long memberId) {
    return changeMember(MemberRecord.newBuilder().setId(memberId).setRemoved(true).build());
  }

  private CompletionStage<Void> changeMember(MemberRecord record) {
    CompletableFuture<Object> done = new CompletableFuture<>();
    loop.offer(new MetaTask.ChangeMember(record, done));
    return done.thenAccept(ignored -> {});
  }

  @Override
  public void transferLeadership(long memberId) {
    loop.offer(new MetaTask.Transfer(memberId));
  }

  @Override
  public void close() {
    loop.close();
  }
}
