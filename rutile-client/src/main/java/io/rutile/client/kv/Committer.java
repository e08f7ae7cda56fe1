package io.rutile.client.kv;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.rutile.base.bytes.Bytes;
import io.rutile.client.pd.PdClient;
import io.rutile.proto.kvrpcpb.BatchRollbackRequest;
import io.rutile.proto.kvrpcpb.CommitRequest;
import io.rutile.proto.kvrpcpb.CommitResponse;
import io.rutile.proto.kvrpcpb.CommitRole;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.Mutation;
import io.rutile.proto.kvrpcpb.PrewriteRequest;
import io.rutile.proto.kvrpcpb.PrewriteResponse;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;

/**
 * Commits one transaction: prewrites all keys, the primary's region first, then commits the
 * primary, which decides, then the others. With async commit the prewrites decide; with one-phase
 * commit a single request does all. Used once, by one thread.
 */
final class Committer {
  private static final long LIMIT_MILLIS = 20_000;
  private static final int ASYNC_KEYS_MAX = 256;

  private final RegionRequests requests;
  private final LockResolver resolver;
  private final PdClient pd;
  private final TxnOptions options;
  private final long startTs;
  private final long forUpdateTs;
  private final byte[] primary;
  private final SortedSet<byte[]> pessimistic;
  private boolean async;
  private boolean onePc;

  /** Greatest min_commit_ts of the prewrites, or the commit timestamp after one-phase commit. */
  private long minCommitTs;

  private long onePcCommitTs;

  Committer(
      RegionRequests requests,
      LockResolver resolver,
      PdClient pd,
      TxnOptions options,
      long startTs,
      long forUpdateTs,
      byte[] primary,
      SortedSet<byte[]> pessimistic) {
    this.requests = requests;
    this.resolver = resolver;
    this.pd = pd;
    this.options = options;
    this.startTs = startTs;
    this.forUpdateTs = forUpdateTs;
    this.primary = primary;
    this.pessimistic = pessimistic;
  }

  long commit(List<Mutation> mutations) {
    Backoff backoff = requests.backoff(LIMIT_MILLIS);
    async = options.asyncCommit() && mutations.size() <= ASYNC_KEYS_MAX;
    onePc =
        options.onePc()
            && requests.byRegion(mutations, m -> m.getKey().toByteArray(), backoff).size() == 1;
    // Makes async commit as late as every commit that was answered before this one began.
    minCommitTs = async || onePc ? PdClient.await(pd.tso()) : 0;
    try {
      prewrite(mutations, backoff);
    } catch (KvException e) {
      rollBack(mutations, e);
      throw e;
    }
    if (onePcCommitTs != 0) {
      return onePcCommitTs;
    }
    if (async) {
      commitSecondaries(mutations, minCommitTs);
      return minCommitTs;
    }
    long commitTs = commitPrimary(backoff);
    commitSecondaries(mutations, commitTs);
    return commitTs;
  }

  private void prewrite(List<Mutation> mutations, Backoff backoff) {
    List<Mutation> left = mutations;
    while (!left.isEmpty()) {
      List<Mutation> again = new ArrayList<>();
      Map<CachedRegion, List<Mutation>> groups =
          requests.byRegion(left, m -> m.getKey().toByteArray(), backoff);
      if (groups.size() > 1) {
        onePc = false;
      }
      List<Map.Entry<CachedRegion, List<Mutation>>> ordered = new ArrayList<>(groups.entrySet());
      ordered.sort(Comparator.comparing(group -> !holdsPrimary(group.getValue())));
      for (Map.Entry<CachedRegion, List<Mutation>> group : ordered) {
        if (!prewriteGroup(group.getKey(), group.getValue(), mutations, backoff)) {
          again.addAll(group.getValue());
        }
      }
      left = again;
    }
  }

  private boolean prewriteGroup(
      CachedRegion target, List<Mutation> some, List<Mutation> all, Backoff backoff) {
    Optional<PrewriteResponse> answered;
    try {
      answered =
          requests.attempt(
              target,
              Rpc.PREWRITE,
              (region, context) -> prewriteRequest(context, some, all),
              backoff);
    } catch (RegionRequests.Interrupted interrupted) {
      requests.pauseAfterCut(backoff, interrupted);
      return false;
    }
    if (answered.isEmpty()) {
      return false;
    }
    PrewriteResponse response = answered.get();
    if (response.getErrorsCount() > 0) {
      resolver.clear(response.getErrorsList(), 0, new ArrayList<>(), backoff);
      return false;
    }
    if (onePc) {
      // A repeated request finds the commit of an attempt whose answer got lost: min_commit_ts is
      // its timestamp.
      onePcCommitTs =
          response.getOnePcCommitTs() != 0
              ? response.getOnePcCommitTs()
              : response.getMinCommitTs();
      if (onePcCommitTs != 0) {
        return true;
      }
      onePc = false;
      async = false;
    } else if (async) {
      if (response.getMinCommitTs() == 0) {
        async = false;
      } else {
        minCommitTs = LockResolver.maxUnsigned(minCommitTs, response.getMinCommitTs());
      }
    }
    return true;
  }

  private PrewriteRequest prewriteRequest(
      Context context, List<Mutation> some, List<Mutation> all) {
    PrewriteRequest.Builder request =
        PrewriteRequest.newBuilder()
            .setContext(context)
            .addAllMutations(some)
            .setPrimaryLock(wrap(primary))
            .setStartVersion(startTs)
            .setLockTtl(options.lockTtlMillis())
            .setTxnSize(all.size())
            .setForUpdateTs(forUpdateTs)
            .setMinCommitTs(LockResolver.maxUnsigned(minCommitTs, startTs + 1))
            .setUseAsyncCommit(async)
            .setTryOnePc(onePc);
    if (async && holdsPrimary(some)) {
      for (Mutation mutation : all) {
        if (!isPrimary(mutation)) {
          request.addSecondaries(mutation.getKey());
        }
      }
    }
    if (forUpdateTs != 0) {
      for (Mutation mutation : some) {
        request.addPessimisticActions(
            pessimistic.contains(mutation.getKey().toByteArray())
                ? PrewriteRequest.PessimisticAction.DO_PESSIMISTIC_CHECK
                : PrewriteRequest.PessimisticAction.DO_CONSTRAINT_CHECK);
      }
    }
    return request.build();
  }

  /** The moment of decision. An answer that does not come makes the outcome unknown. */
  private long commitPrimary(Backoff backoff) {
    long commitTs = PdClient.await(pd.tso());
    while (true) {
      long attempted = commitTs;
      CommitResponse response =
          requests
              .send(
                  primary,
                  Rpc.COMMIT,
                  context ->
                      CommitRequest.newBuilder()
                          .setContext(context)
                          .setStartVersion(startTs)
                          .setCommitVersion(attempted)
                          .setCommitRole(CommitRole.Primary)
                          .setPrimaryKey(wrap(primary))
                          .addKeys(wrap(primary))
                          .build(),
                  backoff)
              .value();
      if (!response.hasError()) {
        return response.getCommitVersion() == 0 ? attempted : response.getCommitVersion();
      }
      if (!response.getError().hasCommitTsExpired()) {
        throw KeyErrors.toException(response.getError());
      }
      commitTs = PdClient.await(pd.tso());
    }
  }

  /** Tidies up; whoever meets a lock that is left behind finishes it. */
  private void commitSecondaries(List<Mutation> mutations, long commitTs) {
    List<ByteString> left =
        mutations.stream().filter(m -> async || !isPrimary(m)).map(Mutation::getKey).toList();
    try {
      Backoff backoff = requests.backoff(LIMIT_MILLIS);
      while (!left.isEmpty()) {
        List<ByteString> again = new ArrayList<>();
        for (var group : requests.byRegion(left, ByteString::toByteArray, backoff).entrySet()) {
          Optional<CommitResponse> response =
              requests.attempt(
                  group.getKey(),
                  Rpc.COMMIT,
                  (region, context) ->
                      CommitRequest.newBuilder()
                          .setContext(context)
                          .setStartVersion(startTs)
                          .setCommitVersion(commitTs)
                          .setCommitRole(CommitRole.Secondary)
                          .setPrimaryKey(wrap(primary))
                          .setUseAsyncCommit(async)
                          .addAllKeys(group.getValue())
                          .build(),
                  backoff);
          if (response.isEmpty()) {
            again.addAll(group.getValue());
          }
        }
        left = again;
      }
    } catch (KvException | RegionRequests.Interrupted e) {
      return; // The transaction is committed; readers resolve what is left.
    }
  }

  /** Removes the locks of a transaction that failed, as far as that works at once. */
  private void rollBack(List<Mutation> mutations, KvException cause) {
    if ((async || onePc) && cause.kind() == KvException.Kind.UNDETERMINED) {
      return; // It may have committed.
    }
    List<ByteString> keys = mutations.stream().map(Mutation::getKey).toList();
    Backoff backoff = requests.backoff(LIMIT_MILLIS);
    try {
      for (var group : requests.byRegion(keys, ByteString::toByteArray, backoff).entrySet()) {
        requests.attempt(
            group.getKey(),
            Rpc.BATCH_ROLLBACK,
            (region, context) ->
                BatchRollbackRequest.newBuilder()
                    .setContext(context)
                    .setStartVersion(startTs)
                    .addAllKeys(group.getValue())
                    .build(),
            backoff);
      }
    } catch (KvException | RegionRequests.Interrupted e) {
      cause.addSuppressed(e); // Others roll the locks back when their time is over.
    }
  }

  private boolean holdsPrimary(List<Mutation> mutations) {
    return mutations.stream().anyMatch(this::isPrimary);
  }

  private boolean isPrimary(Mutation mutation) {
    return Bytes.compare(mutation.getKey().toByteArray(), primary) == 0;
  }

  private static ByteString wrap(byte[] bytes) {
    return UnsafeByteOperations.unsafeWrap(bytes);
  }
}
