package io.rutile.txn.command.action;

import io.rutile.proto.kvrpcpb.KeyError;
import io.rutile.txn.error.KeyErrors;
import io.rutile.txn.error.TxnError;
import io.rutile.txn.error.TxnException;
import io.rutile.txn.mvcc.MvccReader;
import java.util.ArrayList;
import java.util.List;

/**
 * Prewrites the keys of one request in order and combines what comes of them.
 *
 * <p>Locks in the way are collected, so that the client resolves them together. The first failed
 * assertion waits for a better reason. An error that can come of a late repetition is checked
 * against the transaction's own commit record first: where that is found, the transaction was
 * committed and the request succeeds. Every other error ends the request.
 */
public final class PrewriteBatch {
  /**
   * What came of a request that was not refused.
   *
   * @param locked errors of the keys that others have locked; nothing is written if there is one
   * @param minCommitTs the largest of the locks, or the commit_ts of a transaction that is
   *     committed already; 0 when it is to be committed in two phases
   */
  public record Outcome(List<KeyError> locked, long minCommitTs) {}

  private final PrewriteTxn txn;
  private final MvccReader reader;
  private final TxnChanges changes;
  private final PrewriteAction action;
  private final PrewriteLockWriter writer;

  public PrewriteBatch(
      PrewriteTxn txn,
      MvccReader reader,
      TxnChanges changes,
      PrewriteAction action,
      PrewriteLockWriter writer) {
    this.txn = txn;
    this.reader = reader;
    this.changes = changes;
    this.action = action;
    this.writer = writer;
  }

  public Outcome run(List<PrewriteMutation> mutations) {
    List<KeyError> locked = new ArrayList<>();
    TxnException failedAssertion = null;
    long minCommitTs = 0;
    for (PrewriteMutation mutation : mutations) {
      try {
        long timestamp = action.prewrite(mutation);
        minCommitTs = PrewriteLockWriter.unsignedMax(minCommitTs, timestamp);
        if (writer.needsMinCommitTs() && timestamp == 0) {
          long committed = committedTs(mutation);
          if (committed != 0) {
            return alreadyCommitted(committed);
          }
          writer.fallBack();
        }
      } catch (TxnException refused) {
        long committed = mayBeLate(refused.error()) ? committedTs(mutation) : 0;
        if (committed != 0) {
          return alreadyCommitted(committed);
        }
        switch (refused.error()) {
          case TxnError.KeyIsLocked _ -> locked.add(KeyErrors.of(refused));
          case TxnError.AssertionFailed _ ->
              failedAssertion = failedAssertion == null ? refused : failedAssertion;
          case TxnError _ -> throw refused;
        }
      }
    }
    if (failedAssertion != null) {
      throw failedAssertion;
    }
    return new Outcome(locked, writer.needsMinCommitTs() ? minCommitTs : 0);
  }

  /** Whether the error may come of repeating a request after the transaction was committed. */
  private boolean mayBeLate(TxnError error) {
    return switch (error) {
      case TxnError.Conflict conflict ->
          Long.compareUnsigned(conflict.conflictCommitTs(), txn.startTs()) > 0;
      case TxnError.PessimisticLockNotFound _, TxnError.KeyIsLocked _ -> true;
      case TxnError _ -> false;
    };
  }

  private long committedTs(PrewriteMutation mutation) {
    return reader.commitRecord(mutation.encodedKey(), txn.startTs()).committedTs();
  }

  private Outcome alreadyCommitted(long commitTs) {
    changes.clear();
    writer.clear();
    return new Outcome(List.of(), commitTs);
  }
}
