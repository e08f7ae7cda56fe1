package io.rutile.store.loop;

import io.rutile.store.peer.StoreContext;
import java.util.ArrayList;
import java.util.List;

/**
 * Log entries that may be forgotten, but not before what they changed is on disk: the engine's
 * writes are not synced one by one, the log is what repeats them after a power loss. Gathers cuts
 * for a few ticks, syncs the engine once for all of them, then lets the log writer cut. Safe for
 * use by any thread.
 */
final class LogCuts {
  private static final int TICKS = 2;

  private final StoreContext store;
  private final Mailbox<LogCommand> logWriter;
  private List<LogCommand.Compact> gathered = new ArrayList<>();
  private int ticks;

  LogCuts(StoreContext store, Mailbox<LogCommand> logWriter) {
    this.store = store;
    this.logWriter = logWriter;
  }

  synchronized void add(LogCommand.Compact cut) {
    gathered.add(cut);
  }

  synchronized void tick() {
    if (++ticks < TICKS || gathered.isEmpty()) {
      return;
    }
    ticks = 0;
    List<LogCommand.Compact> cuts = gathered;
    gathered = new ArrayList<>();
    store
        .background()
        .accept(() -> {
          store.engine().syncWal();
          cuts.forEach(logWriter::offer);
          store.raftLog().purge(regionId -> {});
        });
  }
}
