package io.rutile.txn.command.action;

/** What became of a transaction, as one of its keys tells. */
public sealed interface TxnFate {
  record Committed(long commitTs) implements TxnFate {}

  /** It was rolled back before. */
  record RolledBack() implements TxnFate {}

  /** Nothing was known, and it is rolled back by this command. */
  record RolledBackNow() implements TxnFate {}

  /** Nothing was known, and nothing is done about it. */
  record LeftAlone() implements TxnFate {}

  TxnFate ROLLED_BACK = new RolledBack();
  TxnFate ROLLED_BACK_NOW = new RolledBackNow();
  TxnFate LEFT_ALONE = new LeftAlone();
}
