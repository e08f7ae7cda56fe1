package io.rutile.engine.rocks;

import io.rutile.base.clock.Clock;
import io.rutile.engine.api.EngineException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * RocksDB's status codes as {@link EngineException}s. Damage is logged here, where every path
 * meets, at most once a second: whoever gets the error may be a client far away, and the operator
 * has to know.
 */
final class RocksErrors {
  private static final Logger LOG = LoggerFactory.getLogger(RocksErrors.class);
  private static final long LOG_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final Clock CLOCK = Clock.system();
  private static final AtomicLong LAST_LOGGED = new AtomicLong(CLOCK.monotonicNanos() - LOG_NANOS);

  private RocksErrors() {}

  /** The exception to throw; {@code what} names the directory, file or operation. */
  static EngineException translate(String what, RocksDBException e) {
    EngineException translated = new EngineException(kindOf(e), what + ": " + e.getMessage(), e);
    if (translated.kind() == EngineException.Kind.CORRUPTION) {
      report(translated);
    }
    return translated;
  }

  private static void report(EngineException damage) {
    long now = CLOCK.monotonicNanos();
    long last = LAST_LOGGED.get();
    if (now - last >= LOG_NANOS && LAST_LOGGED.compareAndSet(last, now)) {
      LOG.error("data is damaged", damage);
    }
  }

  private static EngineException.Kind kindOf(RocksDBException e) {
    Status status = e.getStatus();
    if (status == null) {
      return EngineException.Kind.IO;
    }
    if (status.getSubCode() == Status.SubCode.NoSpace) {
      return EngineException.Kind.NO_SPACE;
    }
    return switch (status.getCode()) {
      case Corruption -> EngineException.Kind.CORRUPTION;
      case InvalidArgument, NotSupported -> EngineException.Kind.INVALID_ARGUMENT;
      case ShutdownInProgress -> EngineException.Kind.CLOSED;
      case IOError ->
          isLockFailure(e.getMessage()) ? EngineException.Kind.LOCKED : EngineException.Kind.IO;
      case Ok,
          NotFound,
          MergeInProgress,
          Incomplete,
          TimedOut,
          Aborted,
          Busy,
          Expired,
          TryAgain,
          Undefined ->
          EngineException.Kind.IO;
    };
  }

  /** RocksDB has no code of its own for a held LOCK file; these are its two texts. */
  private static boolean isLockFailure(@Nullable String message) {
    return message != null
        && message.contains("LOCK")
        && (message.contains("lock hold by current process")
            || message.contains("While lock file"));
  }
}
