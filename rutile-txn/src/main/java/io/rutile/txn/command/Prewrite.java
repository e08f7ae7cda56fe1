package io.rutile.txn.command;

import io.rutile.base.bytes.Bytes;
import io.rutile.base.codec.KeyCodec;
import io.rutile.proto.errorpb.Error;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.KeyError;
import io.rutile.proto.kvrpcpb.Mutation;
import io.rutile.proto.kvrpcpb.Op;
import io.rutile.proto.kvrpcpb.PrewriteRequest;
import io.rutile.proto.kvrpcpb.PrewriteRequest.ForUpdateTSConstraint;
import io.rutile.proto.kvrpcpb.PrewriteRequest.PessimisticAction;
import io.rutile.proto.kvrpcpb.PrewriteResponse;
import io.rutile.txn.command.action.PrewriteAction;
import io.rutile.txn.command.action.PrewriteBatch;
import io.rutile.txn.command.action.PrewriteLockWriter;
import io.rutile.txn.command.action.PrewriteLockWriter.CommitKind;
import io.rutile.txn.command.action.PrewriteMutation;
import io.rutile.txn.command.action.PrewriteTxn;
import io.rutile.txn.command.action.Requests;
import io.rutile.txn.command.action.TxnChanges;
import io.rutile.txn.error.KeyErrors;
import io.rutile.txn.error.TxnException;
import io.rutile.txn.gate.RegionErrors;
import io.rutile.txn.gate.WriteBatchData;
import io.rutile.txn.mvcc.MvccReader;
import io.rutile.txn.record.LockType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * First phase of a commit, optimistic or pessimistic: locks the transaction's keys with their new
 * values. As an async commit it also fixes the lowest commit_ts, as a one-phase commit it commits.
 *
 * <p>Either all keys of the request are locked or none; all locks that are in the way are reported
 * together. A repeated request succeeds, also after the transaction was committed.
 */
public final class Prewrite implements Command<PrewriteResponse> {
  /** Above this many mutations it pays to find out that the range is unwritten. */
  private static final int SKIP_CHECK_MUTATIONS = 12;

  private final PrewriteRequest request;
  private final List<byte[]> encodedKeys;
  private final long writeBytes;

  public Prewrite(PrewriteRequest request) {
    this.request = request;
    this.encodedKeys = new ArrayList<>(request.getMutationsCount());
    long bytes = 0;
    for (Mutation mutation : request.getMutationsList()) {
      encodedKeys.add(KeyCodec.encode(mutation.getKey().toByteArray()));
      bytes += mutation.getKey().size() + mutation.getValue().size();
    }
    this.writeBytes = bytes;
  }

  @Override
  public String tag() {
    return "prewrite";
  }

  @Override
  public Context context() {
    return request.getContext();
  }

  @Override
  public List<byte[]> latchKeys() {
    return encodedKeys;
  }

  @Override
  public long writeBytes() {
    return writeBytes;
  }

  @Override
  public WriteResult<PrewriteResponse> process(CommandEnv env) {
    List<PrewriteMutation> mutations = mutations();
    TxnChanges changes = new TxnChanges();
    try (MvccReader reader = new MvccReader(env.snapshot(), env.statistics())) {
      PrewriteTxn txn = txn(env, skipsConstraintCheck(reader, mutations));
      CommitKind kind = commitKind();
      if (kind != CommitKind.TWO_PHASES && !env.snapshot().maxTsSynced()) {
        throw RegionErrors.maxTimestampNotSynced();
      }
      PrewriteLockWriter writer = new PrewriteLockWriter(txn, changes, env.concurrency(), kind);
      PrewriteAction action = new PrewriteAction(txn, reader, env.concurrency(), writer);
      PrewriteBatch.Outcome outcome =
          new PrewriteBatch(txn, reader, changes, action, writer).run(mutations);
      return result(changes, writer, outcome);
    } catch (RuntimeException refused) {
      changes.dropGuards();
      throw refused;
    }
  }

  private WriteResult<PrewriteResponse> result(
      TxnChanges changes, PrewriteLockWriter writer, PrewriteBatch.Outcome outcome) {
    PrewriteResponse.Builder response = PrewriteResponse.newBuilder();
    if (!outcome.locked().isEmpty()) {
      changes.dropGuards();
      for (KeyError error : outcome.locked()) {
        response.addErrors(error);
      }
      return WriteResult.of(response.build());
    }
    WriteResult.Builder<PrewriteResponse> result = WriteResult.builder();
    switch (writer.kind()) {
      case TWO_PHASES -> {}
      case ASYNC -> response.setMinCommitTs(outcome.minCommitTs());
      case ONE_PHASE -> {
        writer.commitOnePhase(outcome.minCommitTs());
        response.setOnePcCommitTs(outcome.minCommitTs());
        result.flags(new WriteBatchData.Flags(true, false, false));
        result.status(request.getStartVersion(), outcome.minCommitTs());
      }
    }
    return result.changes(changes).build(response.build());
  }

  private CommitKind commitKind() {
    if (request.getTryOnePc()) {
      return CommitKind.ONE_PHASE;
    }
    return request.getUseAsyncCommit() ? CommitKind.ASYNC : CommitKind.TWO_PHASES;
  }

  private PrewriteTxn txn(CommandEnv env, boolean skipConstraintCheck) {
    long startTs = request.getStartVersion();
    boolean pessimistic = request.getForUpdateTs() != 0;
    boolean retry =
        context().getIsRetryRequest() || (pessimistic && env.txnStatus().committedTs(startTs) != 0);
    return new PrewriteTxn(
        startTs,
        request.getPrimaryLock().toByteArray(),
        request.getForUpdateTs(),
        skipConstraintCheck,
        request.getLockTtl(),
        request.getTxnSize(),
        request.getMinCommitTs(),
        request.getSecondariesList().stream().map(key -> key.toByteArray()).toList(),
        request.getMaxCommitTs(),
        request.getAssertionLevel(),
        retry,
        context().getTxnSource(),
        0);
  }

  /**
   * With many mutations, none of whose range has ever been written, no key can have a version. The
   * mutations are sorted to find that out.
   */
  private boolean skipsConstraintCheck(MvccReader reader, List<PrewriteMutation> mutations) {
    if (request.getForUpdateTs() != 0 || request.getSkipConstraintCheck()) {
      return request.getSkipConstraintCheck();
    }
    if (mutations.size() <= SKIP_CHECK_MUTATIONS) {
      return false;
    }
    mutations.sort((a, b) -> Bytes.compare(a.encodedKey(), b.encodedKey()));
    return reader.isRangeUnwritten(
        mutations.getFirst().encodedKey(), mutations.getLast().encodedKey());
  }

  /** Clients list pessimistic actions in optimistic transactions too, where they mean nothing. */
  private List<PrewriteMutation> mutations() {
    Requests.checkStartTs(request.getStartVersion());
    Requests.checkNotEmpty(request.getMutationsList(), "mutations");
    boolean pessimistic = request.getForUpdateTs() != 0;
    if (pessimistic && request.getPessimisticActionsCount() != request.getMutationsCount()) {
      throw Requests.bad("pessimistic_actions and mutations differ in number");
    }
    @Nullable Long[] expected = expectedForUpdateTs();
    List<PrewriteMutation> mutations = new ArrayList<>(encodedKeys.size());
    for (int i = 0; i < encodedKeys.size(); i++) {
      PessimisticAction action =
          pessimistic ? request.getPessimisticActions(i) : PessimisticAction.SKIP_PESSIMISTIC_CHECK;
      mutations.add(mutation(request.getMutations(i), encodedKeys.get(i), action, expected[i]));
    }
    return mutations;
  }

  private @Nullable Long[] expectedForUpdateTs() {
    @Nullable Long[] expected = new Long[encodedKeys.size()];
    for (ForUpdateTSConstraint constraint : request.getForUpdateTsConstraintsList()) {
      int index = constraint.getIndex();
      if (index < 0 || index >= expected.length) {
        throw Requests.bad("for_update_ts constraint on a mutation that is not there");
      }
      expected[index] = constraint.getExpectedForUpdateTs();
    }
    return expected;
  }

  private PrewriteMutation mutation(
      Mutation mutation, byte[] encodedKey, PessimisticAction action, @Nullable Long expected) {
    Op op = mutation.getOp();
    boolean pessimistic = request.getForUpdateTs() != 0;
    if (op == Op.CheckNotExists && pessimistic) {
      throw Requests.bad("CheckNotExists in a pessimistic transaction");
    }
    if (op == Op.SharedLock && (!pessimistic || commitKind() != CommitKind.TWO_PHASES)) {
      throw Requests.bad("SharedLock needs a pessimistic transaction committed in two phases");
    }
    if (action == PessimisticAction.UNRECOGNIZED) {
      throw Requests.bad("unknown pessimistic action");
    }
    return new PrewriteMutation(
        lockType(op),
        mutation.getKey().toByteArray(),
        encodedKey,
        mutation.getValue().toByteArray(),
        op == Op.Insert || op == Op.CheckNotExists,
        op == Op.SharedLock,
        mutation.getAssertion(),
        action,
        expected);
  }

  /** What a mutation locks its key as; null for a check. */
  static @Nullable LockType lockType(Op op) {
    return switch (op) {
      case Put, Insert -> LockType.PUT;
      case Del -> LockType.DELETE;
      case Lock, SharedLock -> LockType.LOCK;
      case CheckNotExists -> null;
      case Rollback, PessimisticLock, SharedPessimisticLock, UNRECOGNIZED ->
          throw Requests.bad("mutation op " + op + " cannot be prewritten");
    };
  }

  @Override
  public PrewriteResponse failure(TxnException exception) {
    return PrewriteResponse.newBuilder().addErrors(KeyErrors.of(exception)).build();
  }

  @Override
  public PrewriteResponse regionError(Error error) {
    return PrewriteResponse.newBuilder().setRegionError(error).build();
  }
}
