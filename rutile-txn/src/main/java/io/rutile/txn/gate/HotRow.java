package io.rutile.txn.gate;

/**
 * The newest state of a row that is kept for other readers.
 *
 * @param version what distinguishes it from older ones: the commit_ts of a transactional row that
 *     bears no lock, 0 of a raw one
 * @param value shared by all readers, so nobody changes it
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record HotRow(long version, byte[] value) {}
