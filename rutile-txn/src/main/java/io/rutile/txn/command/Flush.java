package io.rutile.txn.command;

import io.rutile.proto.errorpb.Error;
import io.rutile.proto.kvrpcpb.Context;
import io.rutile.proto.kvrpcpb.FlushRequest;
import io.rutile.proto.kvrpcpb.FlushResponse;
import io.rutile.proto.kvrpcpb.Mutation;
import io.rutile.proto.kvrpcpb.Op;
import io.rutile.proto.kvrpcpb.PrewriteRequest.PessimisticAction;
import io.rutile.txn.command.action.PrewriteAction;
import io.rutile.txn.command.action.PrewriteBatch;
import io.rutile.txn.command.action.PrewriteLockWriter;
import io.rutile.txn.command.action.PrewriteLockWriter.CommitKind;
import io.rutile.txn.command.action.PrewriteMutation;
import io.rutile.txn.command.action.PrewriteTxn;
import io.rutile.txn.command.action.Requests;
import io.rutile.txn.command.action.TxnChanges;
import io.rutile.txn.error.KeyErrors;
import io.rutile.txn.error.TxnError;
import io.rutile.txn.error.TxnException;
import io.rutile.txn.mvcc.MvccReader;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a part of a pipelined transaction's buffer: a prewrite that may come again with newer
 * values. Of two flushes of a key the one with the higher generation stands, in whatever order they
 * arrive.
 */
public final class Flush implements Command<FlushResponse> {
  /** Keeps clients from resolving the transaction key by key. */
  private static final long HUGE_TXN = -1L;

  private final FlushRequest request;
  private final List<byte[]> encodedKeys;

  public Flush(FlushRequest request) {
    this.request = request;
    this.encodedKeys =
        Requests.encode(request.getMutationsList().stream().map(Mutation::getKey).toList());
  }

  @Override
  public String tag() {
    return "flush";
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
    long bytes = CommandSizes.keys(encodedKeys);
    for (Mutation mutation : request.getMutationsList()) {
      bytes += mutation.getValue().size();
    }
    return bytes;
  }

  @Override
  public WriteResult<FlushResponse> process(CommandEnv env) {
    List<PrewriteMutation> mutations = mutations();
    PrewriteTxn txn = txn();
    TxnChanges changes = new TxnChanges();
    try (MvccReader reader = new MvccReader(env.snapshot(), env.statistics())) {
      PrewriteLockWriter writer =
          new PrewriteLockWriter(txn, changes, env.concurrency(), CommitKind.TWO_PHASES);
      PrewriteAction action = new PrewriteAction(txn, reader, env.concurrency(), writer);
      PrewriteBatch.Outcome outcome =
          new PrewriteBatch(txn, reader, changes, action, writer).run(mutations);
      FlushResponse.Builder response = FlushResponse.newBuilder();
      if (!outcome.locked().isEmpty()) {
        return WriteResult.of(response.addAllErrors(outcome.locked()).build());
      }
      return WriteResult.<FlushResponse>builder().changes(changes).build(response.build());
    }
  }

  private PrewriteTxn txn() {
    long startTs = request.getStartTs();
    long minCommitTs =
        Long.compareUnsigned(request.getMinCommitTs(), startTs + 1) > 0
            ? request.getMinCommitTs()
            : startTs + 1;
    return new PrewriteTxn(
        startTs,
        request.getPrimaryKey().toByteArray(),
        0,
        false,
        request.getLockTtl(),
        HUGE_TXN,
        minCommitTs,
        List.of(),
        0,
        request.getAssertionLevel(),
        context().getIsRetryRequest(),
        context().getTxnSource(),
        request.getGeneration());
  }

  private List<PrewriteMutation> mutations() {
    Requests.checkStartTs(request.getStartTs());
    Requests.checkNotEmpty(request.getMutationsList(), "mutations");
    if (request.getGeneration() == 0) {
      throw new TxnError.InvalidGeneration(request.getStartTs()).exception();
    }
    List<PrewriteMutation> mutations = new ArrayList<>(encodedKeys.size());
    for (int i = 0; i < encodedKeys.size(); i++) {
      Mutation mutation = request.getMutations(i);
      Op op = mutation.getOp();
      if (op == Op.SharedLock) {
        throw Requests.bad("SharedLock cannot be flushed");
      }
      mutations.add(
          new PrewriteMutation(
              Prewrite.lockType(op),
              mutation.getKey().toByteArray(),
              encodedKeys.get(i),
              mutation.getValue().toByteArray(),
              op == Op.Insert || op == Op.CheckNotExists,
              false,
              mutation.getAssertion(),
              PessimisticAction.SKIP_PESSIMISTIC_CHECK,
              null));
    }
    return mutations;
  }

  @Override
  public FlushResponse failure(TxnException exception) {
    return FlushResponse.newBuilder().addErrors(KeyErrors.of(exception)).build();
  }

  @Override
  public FlushResponse regionError(Error error) {
    return FlushResponse.newBuilder().setRegionError(error).build();
  }
}
