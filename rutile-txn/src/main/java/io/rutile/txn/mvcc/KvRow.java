package io.rutile.txn.mvcc;

/**
 * A value as a reader sees it.
 *
 * @param encodedKey its key
 * @param value empty when only keys were asked for
 * @param commitTs when it was committed; 0 when it was taken from a lock
 */
public record KvRow(byte[] encodedKey, byte[] value, long commitTs) {}
