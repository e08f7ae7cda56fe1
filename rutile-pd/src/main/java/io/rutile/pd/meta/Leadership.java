package io.rutile.pd.meta;

/**
 * Leadership of the PD group as one member sees it.
 *
 * @param leaderId member that leads, 0 when none is known
 * @param term Raft term in which it does
 * @param serving whether this member is that leader and has applied every entry of earlier terms,
 *     so that it may serve
 */
public record Leadership(long leaderId, long term, boolean serving) {
  public static final Leadership NONE = new Leadership(0, 0, false);
}
