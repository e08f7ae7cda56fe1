package io.rutile.pd.meta;

import io.rutile.proto.etcdserverpb.CompactionRequest;
import io.rutile.proto.etcdserverpb.LeaseGrantRequest;
import io.rutile.proto.etcdserverpb.LeaseGrantResponse;
import io.rutile.proto.etcdserverpb.RangeRequest;
import io.rutile.proto.etcdserverpb.RangeResponse;
import io.rutile.proto.etcdserverpb.TxnRequest;
import io.rutile.proto.etcdserverpb.TxnResponse;
import io.rutile.proto.pdmetapb.MemberRecord;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * The replicated, revisioned key-value store of PD. Safe for use by any thread.
 *
 * <p>A write completes after it was committed by a majority and applied here; it fails with {@link
 * MetaStoreException} when this member does not lead or the outcome is not known in time.
 * Completion runs on the store's own thread: a dependent stage must not block.
 *
 * <p>Responses carry no header: services add their own.
 */
public interface MetaStore extends AutoCloseable {
  /** Evaluates the transaction atomically in log order. */
  CompletionStage<TxnResponse> txn(TxnRequest request);

  /**
   * As {@link #txn(TxnRequest)}, but refused unless this member serves as leader in {@code term}:
   * what a leadership began to write must not land in a later one, not even of the same member.
   */
  CompletionStage<TxnResponse> txn(TxnRequest request, long term);

  /**
   * Reads the state applied here. It may be old unless {@link #readBarrier()} completed before.
   *
   * @throws MetaStoreException when the revision asked for is compacted or in the future
   */
  RangeResponse range(RangeRequest request);

  /**
   * Completes when the local state contains every write acknowledged before the call, anywhere:
   * reads after it are linearizable.
   */
  CompletionStage<Void> readBarrier();

  CompletionStage<LeaseGrantResponse> grantLease(LeaseGrantRequest request);

  CompletionStage<Void> revokeLease(long leaseId);

  /** Renews the lease; the granted time to live in seconds, or 0 when the lease is gone. */
  CompletionStage<Long> keepLeaseAlive(long leaseId);

  LeaseView leases();

  CompletionStage<Void> compact(CompactionRequest request);

  /** Revision of the newest write applied here. The first write makes revision 2, as in etcd. */
  long revision();

  /**
   * The revision up to which every watch here has been given what there was. Completes on the
   * store's thread, before anything later is delivered.
   */
  CompletionStage<Long> deliveredRevision();

  /** Older revisions cannot be read any more. */
  long compactRevision();

  /** Registers a watch; see {@link WatchSpec}. */
  WatchHandle watch(WatchSpec spec, WatchListener listener);

  /** Who leads, as this member knows it. */
  Leadership leadership();

  /** Calls the listener now and at each change of {@link #leadership()}, on the store's thread. */
  void onLeadershipChange(LeadershipListener listener);

  List<MemberRecord> members();

  /** Whether the member has a vote; one that was added gets it when it has caught up. */
  boolean isVoter(long memberId);

  /** Publishes name and URLs of a member that was added before. */
  CompletionStage<Void> updateMember(MemberRecord record);

  /**
   * Adds a member; it starts afterwards. It gets the log first and a vote once it has caught up, so
   * that a member which never starts costs the others no quorum. Completes when the leader knows
   * it.
   */
  CompletionStage<Void> addMember(MemberRecord record);

  /** Removes a member, the leader too. Refused when the others could not go on without it. */
  CompletionStage<Void> removeMember(long memberId);

  /**
   * Asks the leader to hand over to that voter, or, with 0, to the one that is best prepared. Best
   * effort: nothing happens when that member does not answer.
   */
  void transferLeadership(long memberId);

  @Override
  void close();
}
