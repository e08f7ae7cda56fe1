package io.rutile.txn.command;

/** Outcomes of recently finished transactions that this store happens to know. */
@FunctionalInterface
public interface TxnStatusView {
  /** Knows nothing. */
  TxnStatusView EMPTY = startTs -> 0;

  /** The commit_ts of a transaction known to be committed, else 0. */
  long committedTs(long startTs);
}
