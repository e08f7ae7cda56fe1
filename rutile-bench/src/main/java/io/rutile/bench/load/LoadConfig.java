package io.rutile.bench.load;

/**
 * What load to make.
 *
 * @param mode raw or transactional commands
 * @param workload which operations
 * @param threads closed loops that run at a time
 * @param connections connections to each store
 * @param batch requests in one BatchCommands frame of a loop
 * @param valueBytes size of values
 * @param keys number of distinct keys
 * @param distribution how keys are chosen
 * @param readPercent share of gets in the mixed workload
 * @param scanLimit rows of one scan
 * @param txnKeys keys that one transaction writes
 * @param commit how transactions commit
 * @param warmupSeconds load before the measurement
 * @param durationSeconds length of the measurement
 * @param seed of the choice of keys and operations
 */
public record LoadConfig(
    Mode mode,
    Workload workload,
    int threads,
    int connections,
    int batch,
    int valueBytes,
    long keys,
    Distribution distribution,
    int readPercent,
    int scanLimit,
    int txnKeys,
    Commit commit,
    int warmupSeconds,
    int durationSeconds,
    long seed) {
  /** Which commands. */
  public enum Mode {
    RAW,
    TXN
  }

  /** Which operations. */
  public enum Workload {
    GET,
    PUT,
    SCAN,
    MIXED
  }

  /** How transactions commit. */
  public enum Commit {
    /** Prewrite, a timestamp, then commit: two rounds to the store and one to PD. */
    TWO_PHASE,
    /** Committed once prewritten; the locks are turned into records afterwards. */
    ASYNC,
    /** One round to the store writes the records at once. */
    ONE_PHASE
  }

  /** How keys are chosen. */
  public enum Distribution {
    UNIFORM,
    ZIPF
  }

  public LoadConfig {
    requireIn("threads", threads, 1, 1 << 12);
    requireIn("connections", connections, 1, 256);
    requireIn("batch", batch, 1, 1 << 12);
    requireIn("value-size", valueBytes, 1, 6 << 20);
    requireIn("keys", keys, 1, 1L << 32);
    requireIn("read-percent", readPercent, 0, 100);
    requireIn("scan-limit", scanLimit, 1, 10_000);
    requireIn("txn-keys", txnKeys, 1, 1000);
    requireIn("warmup", warmupSeconds, 0, 3600);
    requireIn("duration", durationSeconds, 1, 86_400);
  }

  /** Keys that one operation PUT writes. */
  int keysOfPut() {
    return mode == Mode.TXN ? txnKeys : 1;
  }

  /** Requests in flight. */
  int concurrency() {
    return threads * batch;
  }

  private static void requireIn(String name, long value, long low, long high) {
    if (value < low || value > high) {
      throw new IllegalArgumentException(
          "--" + name + " must lie in " + low + ".." + high + ", is " + value);
    }
  }
}
