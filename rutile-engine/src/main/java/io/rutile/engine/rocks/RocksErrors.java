package io.rutile.engine.rocks;

import io.rutile.engine.api.EngineException;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/** RocksDB's status codes as {@link EngineException}s. */
final class RocksErrors {
  private RocksErrors() {}

  /** The exception to throw; {@code what} names the directory, file or operation. */
  static EngineException translate(String what, RocksDBException e) {
    return new EngineException(kindOf(e), what + ": " + e.getMessage(), e);
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
