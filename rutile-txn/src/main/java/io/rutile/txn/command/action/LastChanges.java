package io.rutile.txn.command.action;

import io.rutile.txn.mvcc.VersionedWrite;
import io.rutile.txn.record.LastChange;
import org.jspecify.annotations.Nullable;

/** What a record that changes no value says about the value below it. */
final class LastChanges {
  private LastChanges() {}

  /** The hint for a record right above {@code newest}, the newest record of the key or null. */
  static LastChange above(@Nullable VersionedWrite newest) {
    if (newest == null) {
      return LastChange.NOT_EXIST;
    }
    if (newest.write().type().changesValue()) {
      return new LastChange.Exist(newest.commitTs(), 1);
    }
    return newest.write().lastChange() instanceof LastChange.Exist exist
        ? new LastChange.Exist(exist.timestamp(), exist.versions() + 1)
        : newest.write().lastChange();
  }
}
