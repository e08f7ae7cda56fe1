package io.rutile.txn.mvcc;

import io.rutile.txn.record.Write;

/** A write record and the timestamp it stands under. */
public record VersionedWrite(long commitTs, Write write) {}
