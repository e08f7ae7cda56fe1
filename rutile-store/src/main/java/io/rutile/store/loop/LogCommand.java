package io.rutile.store.loop;

import io.rutile.store.peer.LogAppend;
import java.util.List;

/** What the log writer is asked to do. Handled in order; never lost. */
public sealed interface LogCommand {
  /** Everything that one turn of a store loop has to make durable. */
  record Append(StoreLoop loop, List<LogAppend> appends) implements LogCommand {}

  /** Forgets entries of a group below an index; their changes are durable in the engine. */
  record Compact(long regionId, long firstKeptIndex) implements LogCommand {}

  /** Forgets a group; {@code done} runs when that is durable. */
  record Remove(long regionId, Runnable done) implements LogCommand {}
}
