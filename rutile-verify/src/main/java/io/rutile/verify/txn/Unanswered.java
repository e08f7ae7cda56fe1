package io.rutile.verify.txn;

/** A client gives up a transaction: it got no answer that it could go on with. */
final class Unanswered extends RuntimeException {
  private static final long serialVersionUID = 1;

  Unanswered(String why) {
    super(why, null, false, false);
  }
}
