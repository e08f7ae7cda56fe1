package io.rutile.txn.command.action;

import io.rutile.proto.kvrpcpb.AssertionLevel;
import java.util.List;

/**
 * What all mutations of one prewrite have in common.
 *
 * @param primary raw primary key
 * @param forUpdateTs non-zero for a pessimistic transaction
 * @param skipConstraintCheck optimistic only: do not look for newer versions
 * @param minCommitTs lower bound that the client asks for
 * @param secondaries raw keys of the secondaries, for the primary's lock
 * @param maxCommitTs upper bound for async and one-phase commits, 0 for none
 * @param retry whether the request may have been processed before
 * @param generation flush number of a pipelined transaction, 0 for others
 */
public record PrewriteTxn(
    long startTs,
    byte[] primary,
    long forUpdateTs,
    boolean skipConstraintCheck,
    long ttl,
    long txnSize,
    long minCommitTs,
    List<byte[]> secondaries,
    long maxCommitTs,
    AssertionLevel assertionLevel,
    boolean retry,
    long txnSource,
    long generation) {

  public boolean isPessimistic() {
    return forUpdateTs != 0;
  }
}
