package io.rutile.server.service;

import io.rutile.txn.storage.RawKv;
import io.rutile.txn.storage.TxnKv;

/** The storage facade of one store. */
public record Storage(RawKv raw, TxnKv txn) {}
